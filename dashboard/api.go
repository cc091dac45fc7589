package dashboard

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

// openAPI describes the routes below; a test holds the two against each other.
//
//go:embed openapi.json
var openAPI []byte

// apiRoute is an address for programs. It answers GET only.
type apiRoute struct {
	path   string
	keys   []string // what its query may hold
	answer func(apiCall) (apiAnswer, error)
}

// apiTable are the addresses: the same numbers as on the pages, in the same words as on
// the command line.
var apiTable = []apiRoute{
	{"/api/v1/status", nil, apiCall.status},
	{"/api/v1/plan", []string{"period", "pin"}, apiCall.plan},
	{"/api/v1/codebook", nil, apiCall.codebook},
	{"/api/v1/trends", []string{"table", "from", "to", "where", "every", "format", "lang", "pin"}, apiCall.trends},
	{"/api/v1/changes", []string{"period", "span", "pin"}, apiCall.changes},
	{"/api/v1/coverage", []string{"pin"}, apiCall.coverage},
	{"/api/v1/releases", []string{"pin"}, apiCall.releases},
	{"/api/v1/releases/{id}", nil, apiCall.release},
	{"/api/v1/budget", nil, apiCall.budget},
	{"/api/v1/acts", []string{"pin"}, apiCall.acts},
	{"/api/v1/members", nil, apiCall.members},
	{"/api/v1/capacity", []string{"pin"}, apiCall.capacity},
	{"/api/v1/openapi.json", nil, func(apiCall) (apiAnswer, error) { return apiAnswer{kind: jsonType, body: openAPI}, nil }},
	{"/healthz", nil, apiCall.health},
}

const jsonType = "application/json"

// errNoRoute is an address of the API that there is not.
var errNoRoute = errors.New("no such address; /api/v1/openapi.json lists them")

// apiRoutes are the numbers for programs.
func (d *Dashboard) apiRoutes() {
	for _, route := range apiTable {
		d.mux.HandleFunc("GET "+route.path, d.api(route))
	}
	d.mux.Handle("GET /metrics", d.metrics())
	d.mux.HandleFunc("GET /api/", func(w http.ResponseWriter, _ *http.Request) { apiFail(w, errNoRoute) })
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		d.mux.HandleFunc(method+" /api/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "GET, HEAD")
			apiSay(w, http.StatusMethodNotAllowed, "the API only reads: GET")
		})
	}
}

// apiCall is one question of a program.
type apiCall struct {
	d *Dashboard
	r *http.Request
	q url.Values
}

// apiAnswer is what it gets. With a name it is a file to be kept.
type apiAnswer struct {
	kind, name string
	body       []byte
}

func (d *Dashboard) api(route apiRoute) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call := apiCall{d: d, r: r}
		var err error
		if call.q, err = apiQuery(r.URL.RawQuery, route.keys); err != nil {
			apiFail(w, err)
			return
		}
		a, err := route.answer(call)
		switch {
		case err != nil:
			apiFail(w, err)
		case a.name != "":
			download(w, a.kind, a.name, a.body)
		default:
			w.Header().Set("Content-Type", a.kind)
			_, _ = w.Write(a.body)
		}
	}
}

// mostFilters bounds how often "where" may stand: no table has more axes.
const mostFilters = 4

// apiQuery reads a query strictly. Its errors quote nothing of it.
func apiQuery(raw string, keys []string) (url.Values, error) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, queryError("query", errors.New("not well formed"))
	}
	left := len(q)
	for _, key := range keys {
		given, ok := q[key]
		if !ok {
			continue
		}
		left--
		if len(given) > 1 && (key != "where" || len(given) > mostFilters) {
			return nil, queryError(key, errors.New("stands too often"))
		}
	}
	if left > 0 && len(keys) == 0 {
		return nil, queryError("query", errors.New("this address takes no keys"))
	}
	if left > 0 {
		return nil, queryError("query", fmt.Errorf("unknown keys; this address takes %s", strings.Join(keys, ", ")))
	}
	return q, nil
}

// queryError is an error that the program may read: it says which key, and never what
// stood there.
func queryError(key string, err error) error { return fmt.Errorf("%w %s: %w", errQuery, key, err) }

// period reads a key; zero where it is not there.
func (c apiCall) period(key string) (schema.Period, error) {
	text := c.q.Get(key)
	if text == "" {
		return schema.Period{}, nil
	}
	p, err := schema.ParsePeriod(text)
	if err != nil {
		return p, queryError(key, err)
	}
	return p, nil
}

// oneOf reads a key that takes some words; the first is meant where it is not there.
func (c apiCall) oneOf(key string, words ...string) (string, error) {
	text := c.q.Get(key)
	if text == "" {
		return words[0], nil
	}
	if !slices.Contains(words, text) {
		return "", queryError(key, fmt.Errorf("want %s", strings.Join(words, " or ")))
	}
	return text, nil
}

// reader opens the snapshot that the pin names, in the language asked for.
func (c apiCall) reader() (*view.Reader, error) {
	given := url.Values{}
	for _, key := range []string{"pin", "lang"} {
		given.Set(key, c.q.Get(key))
	}
	q, err := view.ParseQuery(given)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errQuery, err)
	}
	s, err := c.d.snapshot(q.Pin)
	if err != nil {
		return nil, err
	}
	return s.In(c.d.language(c.r, q), q), nil
}

func apiJSON(v any, err error) (apiAnswer, error) {
	if err != nil {
		return apiAnswer{}, err
	}
	body, err := view.JSON(v)
	return apiAnswer{kind: jsonType, body: body}, err
}

// apiProblems maps errors to what a program is told; anything else is a fault. Errors of
// a query speak for themselves: they quote nothing.
var apiProblems = []struct {
	err    error
	status int
	says   string
}{
	{view.ErrUnknown, http.StatusBadRequest, "the coalition's codebook has no such axis or code"},
	{view.ErrUntold, http.StatusNotFound, "no table of the coalition's plans tells it; /api/v1/plan lists the tables"},
	{view.ErrPeriod, http.StatusNotFound, "nobody owes a release for this period"},
	{ErrNoNote, http.StatusNotFound, "no such release is here"},
	{ErrPinUnknown, http.StatusNotFound, "the pin names releases that are not here"},
	{ErrPinOther, http.StatusConflict, "the pin names another history"},
	{ErrNoCoalition, http.StatusConflict, "this node is in no coalition yet"},
	{errNoRoute, http.StatusNotFound, errNoRoute.Error()},
}

func apiFail(w http.ResponseWriter, err error) {
	if errors.Is(err, errQuery) {
		apiSay(w, http.StatusBadRequest, err.Error())
		return
	}
	for _, p := range apiProblems {
		if errors.Is(err, p.err) {
			apiSay(w, p.status, p.says)
			return
		}
	}
	apiSay(w, http.StatusInternalServerError, "it could not be worked out")
}

func apiSay(w http.ResponseWriter, status int, says string) {
	body, err := view.JSON(map[string]string{"error": says})
	if err != nil {
		body = nil // strings always encode
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// version is that of the program.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}

// health says that the node can read what it holds.
func (c apiCall) health() (apiAnswer, error) {
	if _, err := c.d.cfg.Coalition.Snapshot(); err != nil && !errors.Is(err, ErrNoCoalition) {
		return apiAnswer{}, err
	}
	return apiJSON(map[string]string{"status": "ok"}, nil)
}

// trends answers a question as the command line does: the same bytes.
func (c apiCall) trends() (apiAnswer, error) {
	format, err := c.oneOf("format", "json", "csv", "zip")
	if err != nil {
		return apiAnswer{}, err
	}
	typed := view.Typed{Table: c.q.Get("table"), Where: c.q["where"], From: c.q.Get("from"), To: c.q.Get("to"), Every: c.q.Get("every")}
	q, err := typed.Question()
	if err != nil {
		return apiAnswer{}, fmt.Errorf("%w: %w", errQuery, err)
	}
	v, err := c.reader()
	if err != nil {
		return apiAnswer{}, err
	}
	t, err := v.Tidy(q)
	if err != nil {
		return apiAnswer{}, err
	}
	return trendsAs(format, v, t)
}

func trendsAs(format string, v *view.Reader, t view.Tidy) (a apiAnswer, err error) {
	about := t.About()
	a.name = v.FileName(about, format)
	switch format {
	case "csv":
		var b bytes.Buffer
		err = t.CSV(&b)
		a.kind, a.body = csvType, b.Bytes()
	case "zip":
		a.kind = "application/zip"
		a.body, err = v.Package(about, v.TitleOf(t), t)
	default:
		return apiJSON(t, nil)
	}
	return a, err
}
