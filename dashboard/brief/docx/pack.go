package docx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strings"
)

// pack makes a zip of parts: stored as they are and without times, so that every
// version of Go writes the same bytes. It refuses what unpack would refuse.
func pack(parts []file) ([]byte, error) {
	if len(parts) > MaxParts {
		return nil, errTooManyParts
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		if parsed := strings.HasSuffix(p.name, ".xml") || strings.HasSuffix(p.name, ".rels"); parsed && len(p.data) > MaxXML {
			return nil, errTooMuchXML
		}
		size := uint64(len(p.data))
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(p.data),
			CompressedSize64: size, UncompressedSize64: size,
		})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.data); err != nil {
			return nil, err
		}
		if b.Len() > MaxFile {
			return nil, errTooLarge
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() > MaxFile {
		return nil, errTooLarge
	}
	return b.Bytes(), nil
}

var (
	errTooLarge     = fmt.Errorf("a file of more than %d bytes", MaxFile)
	errTooManyParts = fmt.Errorf("more than %d parts", MaxParts)
	errTooMuchXML   = fmt.Errorf("a part of more than %d bytes", MaxXML)
	errBomb         = errors.New("a file that inflates too far")
)

// unpacked is a package whose parts are inflated when they are asked for.
type unpacked struct {
	parts map[string]*zip.File // by name in lower case: the names of parts have no case
	left  int64                // bytes that may still be inflated
}

func unpack(file []byte) (*unpacked, error) {
	if len(file) > MaxFile {
		return nil, errTooLarge
	}
	// Before archive/zip takes memory for a directory without end.
	if bytes.Count(file, []byte("PK\x01\x02")) > MaxParts {
		return nil, errTooManyParts
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, errors.New("not a zip, or half of one")
	}
	u := &unpacked{map[string]*zip.File{}, budget(len(file))}
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimSuffix(f.Name, "/"))
		if name != path.Clean(name) || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "..") || strings.Contains(name, `\`) {
			return nil, errors.New("a part whose name leaves the package")
		}
		if u.parts[name] != nil {
			return nil, errors.New("two parts of one name")
		}
		u.parts[name] = f
	}
	return u, nil
}

// budget is how far a file of some size may inflate.
func budget(size int) int64 { return min(MaxTotal, max(MaxXML, MaxRatio*int64(size))) }

var errNoPart = errors.New("a part that is not there")

// open inflates a part of at most so many bytes.
func (u *unpacked) open(name string, limit int64) ([]byte, error) {
	f := u.parts[strings.ToLower(name)]
	if f == nil {
		return nil, errNoPart
	}
	r, err := f.Open()
	if err != nil {
		return nil, errors.New("a part that does not open")
	}
	defer r.Close()
	most := min(limit, u.left)
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case int64(len(data)) > most && most < limit:
		return nil, errBomb
	case int64(len(data)) > most:
		return nil, fmt.Errorf("a part of more than %d bytes", limit)
	case err != nil:
		return nil, errors.New("a part that is damaged")
	}
	u.left -= int64(len(data))
	return data, nil
}
