package dashboard_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard"
)

// document is the part of OpenAPI 3.1 that ours uses.
type document struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		Parameters  []struct {
			Name, In, Description string
			Required              bool
			Schema                any
			Example               any
		}
		Responses map[string]struct {
			Description string
			Content     map[string]struct{ Schema, Example any }
		}
	}
	Components struct{ Schemas map[string]any }
}

func readDocument(t testing.TB) *document {
	t.Helper()
	d := &document{}
	if err := json.Unmarshal(dashboard.OpenAPI, d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDocumentListsTheRoutes(t *testing.T) {
	d := readDocument(t)
	routes := dashboard.APIKeys()
	if have, want := slices.Sorted(maps.Keys(d.Paths)), slices.Sorted(maps.Keys(routes)); !slices.Equal(have, want) {
		t.Errorf("paths of the document %v, routes %v", have, want)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		t.Errorf("openapi %q", d.OpenAPI)
	}
	for path, methods := range d.Paths {
		if len(methods) != 1 || methods["get"].OperationID == "" || methods["get"].Summary == "" {
			t.Errorf("%s: want one get with an id and a summary", path)
		}
		var keys []string
		for _, p := range methods["get"].Parameters {
			if p.In == "query" {
				keys = append(keys, p.Name)
			} else if p.In != "path" || !strings.Contains(path, "{"+p.Name+"}") {
				t.Errorf("%s: parameter %s in %s", path, p.Name, p.In)
			}
			if err := d.check(p.Schema, p.Example); err != nil {
				t.Errorf("%s: example of %s: %v", path, p.Name, err)
			}
		}
		slices.Sort(keys)
		if want := slices.Sorted(slices.Values(routes[path])); !slices.Equal(keys, want) {
			t.Errorf("%s: the document has the keys %v, the route %v", path, keys, want)
		}
	}
}

func TestExamplesFitTheirSchemas(t *testing.T) {
	d := readDocument(t)
	n := 0
	for path, methods := range d.Paths {
		for status, r := range methods["get"].Responses {
			for kind, content := range r.Content {
				n++
				if content.Example == nil {
					t.Errorf("%s %s %s: no example", path, status, kind)
				} else if err := d.check(content.Schema, content.Example); err != nil {
					t.Errorf("%s %s %s: %v", path, status, kind, err)
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d contents were looked at", n)
	}
}

// The validator itself refuses what it should: else the tests above could not fail.
func TestTheValidator(t *testing.T) {
	d := readDocument(t)
	for _, c := range []struct {
		schema, value string
		ok            bool
	}{
		{`{"type":"string"}`, `"a"`, true}, {`{"type":"string"}`, `1`, false},
		{`{"type":"integer"}`, `1`, true}, {`{"type":"integer"}`, `1.5`, false},
		{`{"type":"number","minimum":0}`, `-1`, false}, {`{"type":["number","null"]}`, `null`, true}, {`{"type":"number"}`, `null`, false},
		{`{"type":"string","enum":["a"]}`, `"b"`, false}, {`{"type":"string","pattern":"^[a-z]$"}`, `"aa"`, false},
		{`{"type":"array","items":{"type":"boolean"}}`, `[true,1]`, false}, {`{"type":"array","items":{"type":"string"}}`, `null`, false},
		{`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`, `{}`, false},
		{`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`, `{"a":"","b":1}`, false},
		{`{"$ref":"#/components/schemas/Period"}`, `"2026-Q3"`, true}, {`{"$ref":"#/components/schemas/Period"}`, `"2026-Q5"`, false},
		{`{"$ref":"#/components/schemas/Nothing"}`, `1`, false}, {`{"type":"string","oneOf":[]}`, `"a"`, false},
	} {
		var schema, value any
		if err := json.Unmarshal([]byte(c.schema), &schema); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.value), &value); err != nil {
			t.Fatal(err)
		}
		if err := d.check(schema, value); (err == nil) != c.ok {
			t.Errorf("%s against %s: %v", c.value, c.schema, err)
		}
	}
}

// check holds a JSON value against a schema. A keyword that it does not know is an error:
// nothing of the document goes unchecked.
func (d *document) check(schema, value any) error {
	s, ok := schema.(map[string]any)
	if !ok {
		return fmt.Errorf("no schema")
	}
	if ref, ok := s["$ref"].(string); ok {
		named, ok := d.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
		if !ok || len(s) != 1 {
			return fmt.Errorf("%s leads nowhere, or does not stand alone", ref)
		}
		return d.check(named, value)
	}
	kinds := s["type"]
	if one, ok := kinds.(string); ok {
		kinds = []any{one}
	}
	if all, ok := kinds.([]any); !ok || !slices.ContainsFunc(all, func(kind any) bool { return isA(value, kind) }) {
		return fmt.Errorf("%.60v is no %v", value, s["type"])
	}
	for keyword, want := range s {
		if err := d.keyword(s, keyword, want, value); err != nil {
			return err
		}
	}
	return nil
}

func isA(value, kind any) bool {
	switch v := value.(type) {
	case nil:
		return kind == "null"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "number" || kind == "integer" && v == math.Trunc(v)
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}

func (d *document) keyword(s map[string]any, keyword string, want, value any) error {
	switch v := value.(type) {
	case string:
		if keyword == "pattern" && !regexp.MustCompile(want.(string)).MatchString(v) {
			return fmt.Errorf("%.80q does not fit %s", v, want)
		}
		if keyword == "maxLength" && float64(len(v)) > want.(float64) {
			return fmt.Errorf("%.80q is too long", v)
		}
	case float64:
		if keyword == "minimum" && v < want.(float64) || keyword == "maximum" && v > want.(float64) {
			return fmt.Errorf("%v is beyond the %s %v", v, keyword, want)
		}
	case []any:
		if keyword == "maxItems" && float64(len(v)) > want.(float64) {
			return fmt.Errorf("%d items", len(v))
		}
		return d.items(keyword, want, v)
	case map[string]any:
		return d.properties(s, keyword, want, v)
	}
	switch keyword {
	case "enum":
		if !slices.Contains(want.([]any), value) {
			return fmt.Errorf("%.80v is none of %v", value, want)
		}
	case "type", "description", "pattern", "format", "minimum", "maximum", "maxLength", "maxItems", "default", "items":
	default:
		return fmt.Errorf("keyword %s is not checked by this test", keyword)
	}
	return nil
}

func (d *document) items(keyword string, want any, items []any) error {
	if keyword != "items" {
		return nil
	}
	for i, item := range items {
		if err := d.check(want, item); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

func (d *document) properties(s map[string]any, keyword string, want any, value map[string]any) error {
	switch keyword {
	case "required":
		for _, name := range want.([]any) {
			if _, there := value[name.(string)]; !there {
				return fmt.Errorf("%s is missing", name)
			}
		}
	case "additionalProperties":
		for name := range value {
			if _, known := s["properties"].(map[string]any)[name]; !known {
				return fmt.Errorf("%s is not in the schema", name)
			}
		}
	case "properties":
		for name, schema := range want.(map[string]any) {
			v, there := value[name]
			if !there {
				continue
			}
			if err := d.check(schema, v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}
