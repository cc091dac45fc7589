package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"tidemark/schema/mapping"
)

// documents takes the objects of a JSON array or of JSON lines.
type documents struct {
	*taker
	decoder *json.Decoder
	guard   *recordGuard
	number  int
	paths   []columnPath
	seen    []bool // per column: some object has it
	found   bool   // the array
	cells   []string
}

func (t *taker) readJSON(text io.Reader, format mapping.Format) error {
	d := &documents{taker: t, guard: t.config.guarded(&depthGuard{r: text, limit: t.config.Depth})}
	d.decoder = json.NewDecoder(d.guard)
	d.decoder.UseNumber()
	for _, column := range t.m.Columns() {
		d.paths = append(d.paths, parsePath(column))
	}
	d.seen, d.cells = make([]bool, len(d.paths)), make([]string, len(d.paths))
	if err := d.read(format); err != nil {
		return err
	}
	return d.missing()
}

func (d *documents) read(format mapping.Format) error {
	if format == mapping.JSONL {
		return d.lines()
	}
	var keys []string
	if p := d.m.Source().Path; p != "" {
		keys = strings.Split(p, ".")
	}
	if err := d.descend(keys); err != nil {
		return err
	}
	if !d.found {
		return errors.New("json: there is no array at the mapping's path")
	}
	if _, err := d.decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("json: after row %d: something follows the document", d.number)
	}
	return nil
}

// missing names a column that no object has. An empty file has none to miss.
func (d *documents) missing() error {
	for i, seen := range d.seen {
		if !seen && d.number > 0 {
			return fmt.Errorf("json: column %q is missing in every row", d.m.Columns()[i])
		}
	}
	return nil
}

func (d *documents) fail(err error) error { return d.config.plainError("json", d.number, err) }

func (d *documents) lines() error {
	for {
		err := d.object()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// descend walks the keys to the array and reads on to the end of what it entered, so
// that a file cut short is noticed.
func (d *documents) descend(keys []string) error {
	token, err := d.token()
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		if token != json.Delim('[') {
			return errors.New("json: at the mapping's path: not an array")
		}
		return d.array()
	}
	if token != json.Delim('{') {
		return errors.New("json: on the mapping's path: not an object")
	}
	for d.decoder.More() {
		key, err := d.token()
		if err != nil {
			return err
		}
		if key == keys[0] {
			err = d.descend(keys[1:])
		} else {
			err = d.skip()
		}
		if err != nil {
			return err
		}
	}
	_, err = d.token()
	return err
}

func (d *documents) array() error {
	if d.found {
		return errors.New("json: the array of the mapping's path is there twice")
	}
	d.found = true
	for d.decoder.More() {
		err := d.object()
		if errors.Is(err, io.EOF) {
			return d.fail(err)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

func (d *documents) token() (json.Token, error) {
	token, err := d.decoder.Token()
	if err != nil {
		return nil, d.fail(err)
	}
	return token, nil
}

// skip passes over one value, token by token.
func (d *documents) skip() error {
	for depth := 0; ; {
		token, err := d.token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		d.guard.next()
		if depth == 0 {
			return nil
		}
	}
}

// object takes one row. io.EOF tells the end of JSON lines.
func (d *documents) object() error {
	var value any
	if err := d.decoder.Decode(&value); errors.Is(err, io.EOF) {
		return err
	} else if err != nil {
		return d.fail(err)
	}
	d.guard.next()
	d.number++
	object, ok := value.(map[string]any)
	if !ok {
		return d.refuseRow(d.number, "row", "not an object")
	}
	return d.row(object)
}

func (d *documents) row(object map[string]any) error {
	blank := true
	for i, p := range d.paths {
		cell, seen, ok := p.cell(object)
		if !ok {
			return d.refuseRow(d.number, p.column, "a list or an object where one value is expected; name[] reads a list")
		}
		d.seen[i] = d.seen[i] || seen
		d.cells[i] = cell
		blank = blank && strings.TrimSpace(cell) == ""
	}
	if blank {
		d.report.Blank++
		return nil
	}
	return d.take(mapping.Row{Number: d.number, Cells: d.cells})
}

// columnPath is a column of nested objects: customer.id, tags[], victims[].id.
type columnPath struct {
	column string
	keys   []string
	lists  []bool // the key's value is a list
}

func parsePath(column string) columnPath {
	p := columnPath{column: column}
	for key := range strings.SplitSeq(column, ".") {
		name, list := strings.CutSuffix(key, "[]")
		p.keys, p.lists = append(p.keys, name), append(p.lists, list)
	}
	return p
}

// cell is what the path leads to, several values joined by mapping.ListSeparator.
// seen: the first key is there. Not ok: a list or an object stands at the end.
func (p columnPath) cell(object map[string]any) (cell string, seen, ok bool) {
	// A key may hold dots itself: "meta.id".
	if value, whole := object[p.column]; whole {
		cell, ok = scalar(value)
		return cell, true, ok
	}
	_, seen = object[p.keys[0]]
	var values []string
	values, ok = p.collect(object, 0, values)
	return strings.Join(values, mapping.ListSeparator), seen, ok
}

func (p columnPath) collect(value any, i int, values []string) ([]string, bool) {
	if i == len(p.keys) {
		text, ok := scalar(value)
		if text != "" {
			values = append(values, strings.ReplaceAll(text, mapping.ListSeparator, " "))
		}
		return values, ok
	}
	object, ok := value.(map[string]any)
	if !ok {
		return values, value == nil
	}
	next := object[p.keys[i]]
	list, isList := next.([]any)
	if !p.lists[i] || !isList {
		return p.collect(next, i+1, values)
	}
	for _, item := range list {
		if values, ok = p.collect(item, i+1, values); !ok {
			return values, false
		}
	}
	return values, true
}

// scalar is a value as a cell; an empty list or object is an empty cell.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	case []any:
		return "", len(v) == 0
	case map[string]any:
		return "", len(v) == 0
	}
	return "", false
}

// depthGuard follows the brackets outside strings and fails below the limit, before
// the parser sees them.
type depthGuard struct {
	r               io.Reader
	limit, depth    int
	quoted, escaped bool
}

var errDepth = errors.New("nested too deep")

func (g *depthGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	for _, c := range p[:n] {
		switch {
		case g.escaped:
			g.escaped = false
		case g.quoted && c == '\\':
			g.escaped = true
		case c == '"':
			g.quoted = !g.quoted
		case g.quoted:
		case c == '{' || c == '[':
			if g.depth++; g.depth > g.limit {
				return 0, errDepth
			}
		case c == '}' || c == ']':
			g.depth--
		}
	}
	return n, err
}
