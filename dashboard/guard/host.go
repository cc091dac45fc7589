package guard

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// loopback lets only our own names through. What a wrong name gets is neutral: a web
// page that rebinds its name could read it, and learn what runs here.
func (g *Guard) loopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.knowsHost(r.Host) {
			setHeaders(w.Header())
			http.Error(w, "misdirected request", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Guard) knowsHost(hostport string) bool {
	host, ok := cutPort(hostport)
	if !ok {
		return false
	}
	return isLoopback(host) || slices.Contains(g.hosts, host)
}

// cutPort returns the host in lower case and without brackets. It is stricter than
// net.SplitHostPort: brackets hold IPv6 only, a port is a number, nothing is optional
// but the port itself.
func cutPort(hostport string) (host string, ok bool) {
	host, port, hasPort := hostport, "", false
	if rest, v6 := strings.CutPrefix(hostport, "["); v6 {
		inner, after, closed := strings.Cut(rest, "]")
		if !closed || !strings.Contains(inner, ":") {
			return "", false
		}
		host = inner
		if after != "" {
			if port, hasPort = strings.CutPrefix(after, ":"); !hasPort {
				return "", false
			}
		}
	} else {
		host, port, hasPort = strings.Cut(hostport, ":")
	}
	if hasPort {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return "", false
		}
	}
	return strings.ToLower(host), host != ""
}

// isLoopback knows the literals of this machine. An IPv4 address written as IPv6, a
// zone, a short or hexadecimal form and a trailing dot are no form that a browser sends
// for a link of ours: refused.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() && !a.Is4In6() && a.Zone() == ""
}

func isAddress(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && !a.Is4In6() && a.Zone() == ""
}

// isEverywhere names an address that listens on every interface: browsers open it as
// this machine, which makes it a way around the loopback's rules.
func isEverywhere(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsUnspecified()
}
