package guard

import (
	"net/http"
	"slices"
	"strings"
)

const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'"

// setHeaders sets what holds for every answer. A handler may tighten it (an export adds
// sandbox) or let a versioned asset be cached.
func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store") // on disk, and for Back after "lock now"
	// With no-referrer, Chromium sends Origin: null on our own posts.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	// Else browsers look up the names behind a page's outward links unasked.
	h.Set("X-DNS-Prefetch-Control", "off")
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		next.ServeHTTP(w, r)
	})
}

const allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// methods refuses TRACE, which echoes cookies, CONNECT, which makes a proxy, and what
// CrossOriginProtection has no opinion about.
func methods(next http.Handler) http.Handler {
	known := strings.Split(allowedMethods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(known, r.Method) {
			refuseMethod(w, allowedMethods)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func refuseMethod(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
}
