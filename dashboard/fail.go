package dashboard

import (
	"errors"
	"net/http"

	"tidemark/dashboard/view"
)

// problem is what a page says where it cannot show what was asked for.
type problem struct {
	Title, Says, Home string
}

// problems maps errors to what is said; anything else is a fault. The errors themselves
// are never shown: they may quote the address.
var problems = []struct {
	err    error
	status int
	key    string
}{
	{errQuery, http.StatusBadRequest, "query"},
	{view.ErrUnknown, http.StatusBadRequest, "code"},
	{view.ErrPeriod, http.StatusBadRequest, "period"},
	{errNoPage, http.StatusNotFound, "missing"},
	{ErrNoNote, http.StatusNotFound, "missing"},
	{ErrPinUnknown, http.StatusNotFound, "pin"},
	{ErrPinOther, http.StatusConflict, "pin_other"},
	{ErrNoCoalition, http.StatusOK, "alone"},
	{ErrApart, http.StatusOK, "apart"},
}

// fail draws the page that says why there is nothing to see.
func (d *Dashboard) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, key := kindOf(err)
	q, queryErr := view.ParseQuery(r.URL.Query())
	if queryErr != nil {
		q = view.Query{}
	}
	q.Pin = ""
	snapshot, snapErr := d.cfg.Coalition.Snapshot()
	if snapErr != nil {
		snapshot = nil
	}
	v := d.reader(snapshot, r, q)
	home := view.Query{Lang: q.Lang}
	d.show(w, r, v, status, "problem", problem{v.L.Say("error." + key + ".title"), v.L.Say("error." + key), home.At("/")})
}

// kindOf finds what an error is to a reader.
func kindOf(err error) (status int, key string) {
	for _, p := range problems {
		if errors.Is(err, p.err) {
			return p.status, p.key
		}
	}
	return http.StatusInternalServerError, "fault"
}
