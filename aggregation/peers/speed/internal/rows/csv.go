package rows

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tidemark/schema"
)

// Header names the columns of the CSV file.
func Header() ([]string, error) {
	used, err := Used()
	if err != nil {
		return nil, err
	}
	names := []string{PersonColumn: "person", CaseColumn: "case_no", DayColumn: "day"}
	for _, d := range used {
		names = append(names, schema.Incident().Dimensions[d].ID)
	}
	return names, nil
}

// Write writes n rows as CSV: ids and codes as whole numbers, days as 2026-01-31.
func Write(w io.Writer, n int) error {
	used, err := Used()
	if err != nil {
		return err
	}
	header, err := Header()
	if err != nil {
		return err
	}
	records, err := Records(n)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 64<<10)
	fmt.Fprintln(b, strings.Join(header, ","))
	var line []byte
	for r := range records {
		line = appendLine(line[:0], r, used)
		if _, err := b.Write(line); err != nil {
			return fmt.Errorf("rows: write: %w", err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("rows: write: %w", err)
	}
	return nil
}

func appendLine(line []byte, r *schema.Record, used []int) []byte {
	line = strconv.AppendUint(line, PersonOf(r), 10)
	line = append(line, ',')
	line = strconv.AppendUint(line, r.Seq, 10)
	line = append(line, ',')
	line = r.Date.Time().AppendFormat(line, "2006-01-02")
	for _, d := range used {
		line = append(line, ',')
		line = strconv.AppendUint(line, uint64(r.Codes[d]), 10)
	}
	return append(line, '\n')
}
