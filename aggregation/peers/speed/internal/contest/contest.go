package contest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// Job is what a contender is told.
type Job struct {
	Rows int
	Path string // of the CSV file
}

// Contender counts the job's rows into tables.
type Contender func(context.Context, Job) ([][]int64, error)

// Main runs the contender that the command line names, and answers on standard output.
func Main(contenders map[string]Contender) {
	if err := serve(contenders, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(contenders map[string]Contender, args []string) error {
	if len(args) != 3 || contenders[args[0]] == nil {
		return fmt.Errorf("contest: want a contender's name, rows and path")
	}
	rows, err := strconv.Atoi(args[1])
	if err != nil || rows < 1 {
		return fmt.Errorf("contest: rows: want a positive number")
	}
	tables, err := contenders[args[0]](context.Background(), Job{rows, args[2]})
	if err != nil {
		return fmt.Errorf("contest: %s: %w", args[0], err)
	}
	return json.NewEncoder(os.Stdout).Encode(tables)
}

// Command is the process that Main answers from.
func Command(ctx context.Context, binary, contender string, job Job) *exec.Cmd {
	return exec.CommandContext(ctx, binary, contender, strconv.Itoa(job.Rows), job.Path)
}

// Tables reads the answer.
func Tables(answer []byte) (tables [][]int64, err error) {
	if err := json.Unmarshal(answer, &tables); err != nil {
		return nil, fmt.Errorf("contest: answer: %w", err)
	}
	return tables, nil
}
