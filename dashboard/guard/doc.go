// Package guard decides who may talk to the dashboard's loopback page. Every web page
// that the analyst visits, and every program on the machine, can reach that port.
//
// [New] checks a [Config] once; [Guard.Wrap] puts these around a handler, outermost
// first:
//
//	loopback      the Host must be one of ours, else 421: a page of another name that
//	              resolves to 127.0.0.1 (DNS rebinding) passes everything below
//	headers       content security policy, framing, sniffing, caching, referrer
//	methods       TRACE, CONNECT and unknown methods are refused, bodies are limited
//	origin        http.CrossOriginProtection for what changes state, and for what only
//	              reads: other origins may link to a page, not load it
//	auth          a session cookie, or the bearer token for programs
//
// A session begins with a launch link ([Guard.Link]). The link's page has one button,
// which posts the token; a preview or a prefetch of the link spends nothing. With a
// passphrase, the page asks for it too. POST /lock ends all sessions, links and running
// responses; a browser that was in before then comes back with the passphrase alone,
// and without a passphrase by a new link.
//
// # What it cannot do
//
// A browser sends a cookie to every port of a host. A hostile program of another user
// of this machine can listen on another port of 127.0.0.1, and if the analyst opens its
// page it reads her session's cookie. On machines that are shared with people who are
// not trusted, let the dashboard stand behind an onion address, or lock it after use.
//
// # What this package must not do
//
// It knows no page of the dashboard, no node and no case. It logs nothing, writes no
// file, and keeps session ids, links and failed tries in memory only, the first two as
// hashes. It changes no state on GET.
package guard
