package guard

import (
	"encoding/json"
	"net/http"
)

// refuseStranger answers who has no session: a program in JSON, a browser with the way
// in.
func (g *Guard) refuseStranger(w http.ResponseWriter, r *http.Request) {
	if isForPrograms(r.URL.Path) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuseProgram(w, http.StatusUnauthorized, "no session and no valid token")
		return
	}
	next := "/"
	if reads(r) {
		next = safeNext(r.URL.RequestURI())
	}
	if g.maySayPassphrase(r) {
		g.draw(w, r, g.form("", next, http.StatusUnauthorized))
		return
	}
	g.draw(w, r, Page{Kind: NoSession, Status: http.StatusUnauthorized, Next: next})
}

func (g *Guard) refuseOrigin(w http.ResponseWriter, r *http.Request) {
	if isForPrograms(r.URL.Path) {
		refuseProgram(w, http.StatusForbidden, "request from another origin")
		return
	}
	g.draw(w, r, Page{Kind: OtherOrigin, Status: http.StatusForbidden})
}

// reads refuses what another origin loads to look at, time or embed: frames, pictures,
// scripts, fetches. CrossOriginProtection lets every GET through, and a page on another
// port of this machine sends our cookie along. A link that a person follows is fine.
func (g *Guard) reads(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reads(r) && isForeign(r) && !isFollowedLink(r) {
			g.refuseOrigin(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isForeign tells that another origin sent the request. WebSockets, and browsers from
// before Sec-Fetch-Site, say so by Origin alone.
func isForeign(r *http.Request) bool {
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "cross-site", "same-site":
		return true
	case "":
		origin := r.Header.Get("Origin")
		return origin != "" && origin != "http://"+r.Host && origin != "https://"+r.Host
	}
	return false
}

func isFollowedLink(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

func refuseProgram(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body, _ := json.Marshal(map[string]string{"error": why}) // strings always encode
	_, _ = w.Write(append(body, '\n'))                       // whoever has gone needs no answer
}
