// Package dashboard is the local pages of a node: an http.Handler over small interfaces
// that it declares itself.
//
//	h, err := dashboard.New(dashboard.Config{Coalition: c, Own: o, Governance: a, Admin: a, Register: r})
//	g.Wrap(h)                          // dashboard/guard: who may talk to it
//
// A request becomes a view.Query, the query and a snapshot become a page's model
// (dashboard/view), the model a page (dashboard/web). The same models serve figures
// (/fig/…), downloads and the API (/api/v1/…), so that a number is the same everywhere.
// The essentials work without JavaScript; a page loads nothing from elsewhere.
//
// # What this package must not do
//
// It knows no node package, opens no listener and no file, changes nothing on GET, and
// hands no number of the own board to any figure, export or API: the own cases are shown
// on one page, on this machine, and nowhere else. It logs nothing.
package dashboard
