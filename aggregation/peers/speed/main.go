// Command speed measures what a release of twelve tables costs, against DuckDB, Google's
// dpagg and Privacy on Beam: CPU seconds and peak memory, on the same invented rows.
//
// Each contender is a command of its own, below this one, and runs in a process of its
// own, so that none carries another's libraries. In every round all of them run one
// after another: a machine that slows down slows all. Every answer is checked, so that
// none can be wrong and fast.
//
// Run it in the module that holds it: go run ./speed -page ../BENCH.md
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"tidemark/aggregation/peers/internal/page"
	"tidemark/aggregation/peers/speed/internal/contest"
	"tidemark/aggregation/peers/speed/internal/rows"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := benchmark(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

// options are the command line's.
type options struct {
	rows   []int
	rounds int    // up to a million rows
	long   int    // rounds above that
	page   string // empty: print
}

func benchmark(ctx context.Context) error {
	o, err := parse()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "speed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := build(ctx, folder); err != nil {
		return err
	}
	var races []race
	for _, n := range o.rows {
		r, err := hold(ctx, folder, n, o.roundsOf(n))
		if err != nil {
			return fmt.Errorf("%d rows: %w", n, err)
		}
		races = append(races, r)
	}
	versions, err := versions(ctx)
	if err != nil {
		return err
	}
	text := report(races, page.Machine()+"; "+versions)
	if o.page == "" {
		_, err := fmt.Println(text)
		return err
	}
	return page.Replace(o.page, "speed", text)
}

func parse() (o options, err error) {
	list := flag.String("rows", "100000,1000000,10000000", "how many rows, separated by commas")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds up to a million rows")
	flag.IntVar(&o.long, "long", 1, "rounds above a million rows")
	flag.StringVar(&o.page, "page", "", "file whose section speed is rewritten; otherwise the section is printed")
	flag.Parse()
	for _, field := range strings.Split(*list, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return options{}, fmt.Errorf("rows: want positive numbers")
		}
		o.rows = append(o.rows, n)
	}
	if o.rounds < 1 || o.long < 1 {
		return options{}, fmt.Errorf("rounds, long: want positive numbers")
	}
	return o, nil
}

func (o options) roundsOf(n int) int {
	if n > million {
		return o.long
	}
	return o.rounds
}

// build compiles the contenders into folder.
func build(ctx context.Context, folder string) error {
	args := []string{"build", "-o", folder + string(filepath.Separator)}
	for _, name := range binaries() {
		args = append(args, "tidemark/aggregation/peers/speed/"+name)
	}
	c := exec.CommandContext(ctx, "go", args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return nil
}

// versions names what was measured.
func versions(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}",
		"github.com/duckdb/duckdb-go/v2", "github.com/google/differential-privacy/go/v3",
		"github.com/google/differential-privacy/privacy-on-beam/v3").Output()
	if err != nil {
		return "", fmt.Errorf("versions: %w", err)
	}
	return strings.Join(strings.Split(strings.TrimSpace(string(out)), "\n"), ", "), nil
}

// race is what one number of rows came to.
type race struct {
	rows   int
	rounds int
	size   int64            // of the CSV file
	cost   map[string][]run // by contender, one a round
}

// hold writes the CSV file and lets every contender run, round by round.
func hold(ctx context.Context, folder string, n, rounds int) (race, error) {
	job := contest.Job{Rows: n, Path: filepath.Join(folder, "rows.csv")}
	r := race{rows: n, rounds: rounds, cost: map[string][]run{}}
	var err error
	if r.size, err = write(job); err != nil {
		return race{}, err
	}
	defer os.Remove(job.Path)
	right, err := rightCounts(n)
	if err != nil {
		return race{}, err
	}
	for range rounds {
		for _, c := range contenders {
			if c.most > 0 && n > c.most {
				continue
			}
			fmt.Fprintln(os.Stderr, n, "rows:", c.name)
			cost, err := c.run(ctx, folder, job, right)
			if err != nil {
				return race{}, fmt.Errorf("%s: %w", c.name, err)
			}
			r.cost[c.name] = append(r.cost[c.name], cost)
		}
	}
	return r, nil
}

func (c contender) run(ctx context.Context, folder string, job contest.Job, right *right) (run, error) {
	binary := filepath.Join(folder, c.binary)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	answer, cost, err := measure(contest.Command(ctx, binary, c.name, job))
	if err != nil {
		return run{}, err
	}
	tables, err := contest.Tables(answer)
	if err != nil {
		return run{}, err
	}
	return cost, c.check(right, tables)
}

func write(job contest.Job) (size int64, err error) {
	file, err := os.Create(job.Path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := rows.Write(file, job.Rows); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), file.Close()
}
