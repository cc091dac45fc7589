package combine

// Step is what an estimate is rounded to when it is said: at most half of a standard
// deviation, and at least 1.
func (e Estimate) Step() int64 { return stepFor(e.SD()) }
