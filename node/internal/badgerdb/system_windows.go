package badgerdb

import "golang.org/x/sys/windows"

// free is what the user may still write on the folder's disk, in bytes.
func free(dir string) (uint64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var available uint64
	if err := windows.GetDiskFreeSpaceEx(name, &available, nil, nil); err != nil {
		return 0, err
	}
	return available, nil
}

// ownerOnly: files take their access from the folder, which is the user's own.
func ownerOnly() {}
