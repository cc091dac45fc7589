package bundle

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"

	"filippo.io/age"
)

const (
	sealTitle = "tidemark/bundle/v1"
	minSealed = 64 << 10 // bytes: below it all bundles look alike
	maxSealed = MaxSize + MaxSize/4
)

// Seal writes the bundle encrypted to age X25519 recipients ("age1…"). Inside the
// encryption stand a line with the zip's size, the zip, and zeros up to the next step of
// a ladder (B6, B7): the file's length tells the amount of notes within 12 %, and the
// number of recipients, but nothing more.
func Seal(w io.Writer, b Bundle, recipients ...string) error {
	var to []age.Recipient
	for _, s := range recipients {
		r, err := age.ParseX25519Recipient(s)
		if err != nil {
			return errors.New("seal bundle: recipient: want an age X25519 recipient, which starts with age1")
		}
		to = append(to, r)
	}
	if len(to) == 0 {
		return errors.New("seal bundle: no recipient")
	}
	var plain bytes.Buffer
	if err := Write(&plain, b); err != nil {
		return fmt.Errorf("seal bundle: %w", err)
	}
	if err := encrypt(w, plain.Bytes(), to); err != nil {
		return fmt.Errorf("seal bundle: %w", err)
	}
	return nil
}

func encrypt(w io.Writer, zip []byte, to []age.Recipient) error {
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("%s %d\n", sealTitle, len(zip))
	padding := step(len(head)+len(zip)) - len(head) - len(zip)
	for _, part := range []io.Reader{strings.NewReader(head), bytes.NewReader(zip), io.LimitReader(zeros{}, int64(padding))} {
		if _, err := io.Copy(sealed, part); err != nil {
			return err
		}
	}
	return sealed.Close()
}

// Open reads a sealed bundle with an age identity ("AGE-SECRET-KEY-1…"). It checks the
// padding too: nothing hides behind the notes (B8).
func Open(r io.Reader, identity string) (Bundle, error) {
	key, err := age.ParseX25519Identity(identity)
	if err != nil {
		return Bundle{}, errors.New("open bundle: identity: want an age identity, which starts with AGE-SECRET-KEY-1")
	}
	plain, err := age.Decrypt(r, key)
	if err != nil {
		return Bundle{}, fmt.Errorf("open bundle: %w", err)
	}
	zip, err := unpad(plain)
	if err != nil {
		return Bundle{}, fmt.Errorf("open bundle: %w", err)
	}
	b, err := Read(bytes.NewReader(zip), int64(len(zip)))
	if err != nil {
		return Bundle{}, fmt.Errorf("open bundle: %w", err)
	}
	return b, nil
}

// unpad returns the zip of a padded bundle.
func unpad(plain io.Reader) ([]byte, error) {
	r := bufio.NewReader(plain)
	line, err := r.ReadSlice('\n') // as far as the buffer goes, not further
	if err != nil {
		return nil, errors.New("padding: want a line with the size first")
	}
	head := string(line)
	size, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(head, sealTitle+" "), "\n"))
	if err != nil || head != fmt.Sprintf("%s %d\n", sealTitle, size) || size < 0 || size > maxSealed {
		return nil, errors.New("padding: want a line with the size first")
	}
	var zip bytes.Buffer // grows with what is there, not with what the line says
	if n, err := io.CopyN(&zip, r, int64(size)); err != nil {
		return nil, fmt.Errorf("padding: %d bytes of %d: %w", n, size, err)
	}
	want := int64(step(len(head)+size) - len(head) - size)
	rest := &zeroCounter{}
	if _, err := io.Copy(rest, io.LimitReader(r, want+1)); err != nil {
		return nil, fmt.Errorf("padding: %w", err)
	}
	if rest.n != want {
		return nil, errors.New("padding: another length than the ladder's")
	}
	return zip.Bytes(), nil
}

// step is the next size of the ladder: at least 64 KiB; above it a number whose lowest
// bits are zero, as many as leave the exponent's own length of digits (Padmé; Nikitin et
// al. 2019). The overhead is at most 12 %.
func step(n int) int {
	if n <= minSealed {
		return minSealed
	}
	exponent := bits.Len(uint(n)) - 1
	low := exponent - bits.Len(uint(exponent))
	mask := 1<<low - 1
	return (n + mask) &^ mask
}

// zeros reads as zeros for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// zeroCounter counts zeros and refuses everything else.
type zeroCounter struct{ n int64 }

func (z *zeroCounter) Write(p []byte) (int, error) {
	for _, c := range p {
		if c != 0 {
			return 0, errors.New("something hides in it")
		}
	}
	z.n += int64(len(p))
	return len(p), nil
}
