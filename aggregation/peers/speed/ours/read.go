package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

// read turns the benchmark's CSV file into records. Like the product's intake it stands
// on encoding/csv; unlike it, it knows the columns and reads numbers.
func read(file io.Reader) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		if err := readAll(file, yield); err != nil {
			yield(nil, fmt.Errorf("read: %w", err))
		}
	}
}

func readAll(file io.Reader, yield func(*schema.Record, error) bool) error {
	used, err := rows.Used()
	if err != nil {
		return err
	}
	r := csv.NewReader(bufio.NewReaderSize(file, 64<<10))
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		return err
	}
	record := schema.Record{Codes: make([]byte, len(schema.Incident().Dimensions))}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = fill(&record, cells, used)
		}
		if err != nil {
			return err
		}
		if !yield(&record, nil) {
			return nil
		}
		record.Seq++
	}
}

// fill puts a row's cells into the record.
func fill(r *schema.Record, cells []string, used []int) error {
	person, err := strconv.ParseUint(cells[rows.PersonColumn], 10, 64)
	if err != nil {
		return err
	}
	rows.SetPerson(r, person)
	if r.Date, err = date(cells[rows.DayColumn]); err != nil {
		return err
	}
	for i, d := range used {
		code, err := strconv.ParseUint(cells[rows.Leading+i], 10, 8)
		if err != nil {
			return err
		}
		r.Codes[d] = byte(code)
	}
	return nil
}

// date reads 2026-01-31.
func date(s string) (schema.Date, error) {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return 0, fmt.Errorf("date: want YYYY-MM-DD")
	}
	year, err1 := strconv.Atoi(s[:4])
	month, err2 := strconv.Atoi(s[5:7])
	day, err3 := strconv.Atoi(s[8:])
	if err := errors.Join(err1, err2, err3); err != nil {
		return 0, err
	}
	return schema.NewDate(year, time.Month(month), day), nil
}
