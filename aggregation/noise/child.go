package noise

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"tidemark/schema"
)

// The conversation between a node and its child is lines of text, one request and one
// answer:
//
//	tidemark-noise/v1 2        two asks
//	google 3600 450000 108     source, sensitivity2, sigma2, count
//	google 3600 450000 6
//
//	tidemark-noise/v1 114      so many values in all, or: refused and a reason
//	-12
//	...
const header = "tidemark-noise/v1"

// maxLine is longer than any line of either side.
const maxLine = 256

// Serve is the child: it reads one request from r, draws, writes one answer to w and
// returns. It is given no data and keeps none. A request that it refuses is answered
// with the reason, which is also returned.
func Serve(r io.Reader, w io.Writer) error {
	asks, err := readAsks(bufio.NewReaderSize(r, maxLine))
	var drawn [][]int64
	if err == nil {
		drawn, err = draw(asks)
	}
	if err != nil {
		_, failed := fmt.Fprintf(w, "%s refused %.*q\n", header, maxLine/4, err.Error())
		return errors.Join(fmt.Errorf("noise: serve: %w", err), failed)
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s %d\n", header, total(asks))
	for _, values := range drawn {
		for _, v := range values {
			fmt.Fprintf(out, "%d\n", v)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("noise: serve: answer: %w", err)
	}
	return nil
}

// draw lets the sampler that each ask names answer it.
func draw(asks []Ask) ([][]int64, error) {
	all := make([][]int64, len(asks))
	for i, a := range asks {
		var values [][]int64
		var err error
		if a.Source == schema.ExactNoise {
			values, err = Exact{}.Noise(context.Background(), []Ask{a})
		} else {
			values, err = Google{}.Noise(context.Background(), []Ask{a})
		}
		if err != nil {
			return nil, err
		}
		all[i] = values[0]
	}
	return all, nil
}

// Request is the parent's side: it sends the asks to a child and returns its answer,
// one slice for each ask, after a look whether it can be noise at all.
func Request(rw io.ReadWriter, asks []Ask) ([][]int64, error) {
	if err := validate(asks); err != nil {
		return nil, fmt.Errorf("noise: request: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d\n", header, len(asks))
	for _, a := range asks {
		if a.Source == "" {
			a.Source = schema.GoogleNoise
		}
		fmt.Fprintf(&b, "%s %d %d %d\n", a.Source, a.Sensitivity2, a.Sigma2, a.Count)
	}
	if _, err := io.WriteString(rw, b.String()); err != nil {
		return nil, fmt.Errorf("noise: request: %w", err)
	}
	drawn, err := readAnswer(bufio.NewReaderSize(rw, 64<<10), asks)
	if err != nil {
		return nil, fmt.Errorf("noise: answer: %w", err)
	}
	return drawn, nil
}

func readAsks(r *bufio.Reader) ([]Ask, error) {
	n, err := readHeader(r, maxAsks)
	if err != nil {
		return nil, err
	}
	asks := make([]Ask, n)
	for i := range asks {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		if asks[i], err = parseAsk(line); err != nil {
			return nil, fmt.Errorf("ask %d: %w", i+1, err)
		}
	}
	if r.Buffered() > 0 {
		return nil, fmt.Errorf("more than one request")
	}
	return asks, validate(asks)
}

func parseAsk(line string) (Ask, error) {
	fields := strings.Split(line, " ")
	if len(fields) != 4 {
		return Ask{}, fmt.Errorf("have %d fields, want 4", len(fields))
	}
	a := Ask{Source: schema.NoiseSource(fields[0])}
	var count int64
	for i, field := range []*int64{&a.Sensitivity2, &a.Sigma2, &count} {
		var err error
		if *field, err = parseInteger(fields[i+1]); err != nil {
			return Ask{}, err
		}
	}
	if a.Source == "" || count < 0 || count > maxCount {
		return Ask{}, fmt.Errorf("no source or a count out of range")
	}
	a.Count = int(count)
	return a, nil
}

func readAnswer(r *bufio.Reader, asks []Ask) ([][]int64, error) {
	n, err := readHeader(r, maxCount)
	if err != nil {
		return nil, err
	}
	if n != total(asks) {
		return nil, fmt.Errorf("%d values, asked for %d", n, total(asks))
	}
	drawn := make([][]int64, len(asks))
	for i, a := range asks {
		drawn[i] = make([]int64, a.Count)
		for k := range drawn[i] {
			line, err := readLine(r)
			if err != nil {
				return nil, err
			}
			if drawn[i][k], err = parseInteger(line); err != nil {
				return nil, err
			}
		}
		if err := plausible(a, drawn[i]); err != nil {
			return nil, fmt.Errorf("ask %d: %w", i+1, err)
		}
	}
	if r.Buffered() > 0 {
		return nil, fmt.Errorf("goes on after its end")
	}
	return drawn, nil
}

// readHeader reads the first line of either side and its number.
func readHeader(r *bufio.Reader, most int) (int, error) {
	line, err := readLine(r)
	if err != nil {
		return 0, err
	}
	rest, ok := strings.CutPrefix(line, header+" ")
	if !ok {
		return 0, fmt.Errorf("first line: want %s", header)
	}
	if reason, refused := strings.CutPrefix(rest, "refused "); refused {
		return 0, fmt.Errorf("refused: %q", reason)
	}
	n, err := parseInteger(rest)
	if err != nil || n < 1 || n > int64(most) {
		return 0, fmt.Errorf("first line: want a number of 1 to %d", most)
	}
	return int(n), nil
}

// readLine reads a line of at most maxLine bytes and leaves its end out.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && len(line) > maxLine {
		err = bufio.ErrBufferFull
	}
	if err != nil {
		return "", fmt.Errorf("line: %w", err)
	}
	return string(line[:len(line)-1]), nil
}

// parseInteger reads an integer that is written in the one canonical way.
func parseInteger(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("want an integer")
	}
	return n, nil
}

func total(asks []Ask) int {
	n := 0
	for _, a := range asks {
		n += a.Count
	}
	return n
}

// enough is how many values show a broken child; fewer could be strange by chance.
const enough = 128

// plausible refuses what cannot be the noise that was asked for: no value is further
// out than 64 sigma (odds below e^-2000), and the mean square of enough values lies
// within a factor of 4 of sigma^2 (odds below 1e-17; an exact count published without
// noise would be the worse end). It looks at noise only, never at data.
func plausible(a Ask, values []int64) error {
	sigma2 := big.NewInt(a.Sigma2)
	furthest := new(big.Int).Mul(sigma2, big.NewInt(64*64))
	sum := new(big.Int)
	for _, v := range values {
		square := new(big.Int).Mul(big.NewInt(v), big.NewInt(v))
		if square.Cmp(furthest) > 0 {
			return fmt.Errorf("a value beyond 64 sigma")
		}
		sum.Add(sum, square)
	}
	want := new(big.Int).Mul(sigma2, big.NewInt(int64(len(values))))
	four := big.NewInt(4)
	tooSmall := new(big.Int).Mul(sum, four).Cmp(want) < 0
	tooLarge := sum.Cmp(new(big.Int).Mul(want, four)) > 0
	if len(values) >= enough && (tooSmall || tooLarge) {
		return fmt.Errorf("values that are no noise of this variance")
	}
	return nil
}
