package dashboard

import "tidemark/dashboard/view"

// tablePages are the pages that show whole tables.
var tablePages = map[string]page{
	"/heat":           {"heat", func(r *view.Reader) (any, error) { return r.Heat() }},
	"/ranking":        {"ranking", func(r *view.Reader) (any, error) { return r.Ranking() }},
	"/online-offline": {"link", func(r *view.Reader) (any, error) { return r.Link() }},
	"/redress":        {"redress", func(r *view.Reader) (any, error) { return r.Redress() }},
}
