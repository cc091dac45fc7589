package apart

// shareGroup: files have no group here.
func shareGroup(_, _ string) error { return nil }
