package dashboard

import (
	"errors"
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tidemark/dashboard/view"
)

// metrics is the page for Prometheus: numbers of the coalition, never of a case, and none
// of the process.
func (d *Dashboard) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{coalition: d.cfg.Coalition, demo: d.cfg.Demo, version: version()})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
}

// collector reads the coalition each time it is asked.
type collector struct {
	coalition Coalition
	demo      bool
	version   string
}

// gauges are what a monitor may watch.
var gauges = struct{ build, members, held, owed, slot, disputed, alarmed, missing *prometheus.Desc }{
	build:    gauge("build_info", "The program; always 1.", "version", "go", "demonstration"),
	members:  gauge("members", "Seats of the coalition, by status.", "status"),
	held:     gauge("releases_held", "Releases here that count."),
	owed:     gauge("releases_owed", "Releases whose slot has come, held or not."),
	slot:     gauge("last_slot_timestamp_seconds", "The newest slot that has come."),
	disputed: gauge("members_disputed", "Members whose feeds fork: what stands after that is not read."),
	alarmed:  gauge("members_alarmed", "Members of whose folder two copies were seen, or who signed twice as a keeper; their feeds go on."),
	missing:  gauge("notes_missing", "Notes that this disk has lost and other members have."),
}

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("tidemark_"+name, help, labels, nil)
}

// Describe lists what Collect may give.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{gauges.build, gauges.members, gauges.held, gauges.owed, gauges.slot, gauges.disputed, gauges.alarmed, gauges.missing} {
		out <- d
	}
}

// Collect reads the coalition. Before there is one, it tells of the program alone.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	put := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	demonstration := "no"
	if c.demo {
		demonstration = "yes"
	}
	put(gauges.build, 1, c.version, runtime.Version(), demonstration)
	s, err := c.coalition.Snapshot()
	if errors.Is(err, ErrNoCoalition) {
		return
	}
	if err != nil {
		out <- prometheus.NewInvalidMetric(gauges.members, errors.New("the coalition could not be read"))
		return
	}
	c.coalitionOf(s.Totals(), put)
}

func (c *collector) coalitionOf(t view.Totals, put func(*prometheus.Desc, float64, ...string)) {
	for status, n := range t.Members {
		put(gauges.members, float64(n), string(status))
	}
	put(gauges.held, float64(t.Held))
	put(gauges.owed, float64(t.Owed))
	put(gauges.disputed, float64(t.Disputed))
	put(gauges.alarmed, float64(t.Alarmed))
	put(gauges.missing, float64(t.Missing))
	if !t.LastSlot.IsZero() {
		put(gauges.slot, float64(t.LastSlot.Unix()))
	}
}
