package httpd

import (
	"fmt"
	"net/http"
	"net/http/pprof"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts requests by the pattern they matched and the class of their
// answer: a bounded number of series, none of which knows a person.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	refused  prometheus.Counter
	routes   sync.Map // pattern -> *routeMetrics
}

// routeMetrics are the series of one route, looked up once.
type routeMetrics struct {
	name    string
	quiet   bool // not in the request log
	classes [6]prometheus.Counter
	gone    prometheus.Counter
	seconds prometheus.Observer
}

func newMetrics(reg *prometheus.Registry, inFlight func() int64) (*metrics, error) {
	m := &metrics{
		registry: reg,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dauys_http_requests_total", Help: "Requests by route pattern and class of status; 499 means the client left.",
		}, []string{"route", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dauys_http_request_seconds", Help: "Time to answer, by route pattern.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5, 10},
		}, []string{"route"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dauys_http_refused_total", Help: "Requests answered 503 because too many were in flight.",
		}),
	}
	flight := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "dauys_http_in_flight", Help: "Requests being answered.",
	}, func() float64 { return float64(inFlight()) })
	all := []prometheus.Collector{m.requests, m.seconds, m.refused, flight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})}
	for _, c := range all {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("httpd: metrics: %w", err)
		}
	}
	return m, nil
}

// route finds the series of a pattern.
func (m *metrics) route(pattern string) *routeMetrics {
	if v, ok := m.routes.Load(pattern); ok {
		return v.(*routeMetrics) //nolint:forcetypeassert // the map holds nothing else
	}
	name := routeName(pattern)
	rm := &routeMetrics{name: name, quiet: quiet(pattern), seconds: m.seconds.WithLabelValues(name),
		gone: m.requests.WithLabelValues(name, "499")}
	for i := 1; i < len(rm.classes); i++ {
		rm.classes[i] = m.requests.WithLabelValues(name, fmt.Sprintf("%dxx", i))
	}
	v, _ := m.routes.LoadOrStore(pattern, rm)
	return v.(*routeMetrics) //nolint:forcetypeassert // the map holds nothing else
}

// observe counts one request. A status of 0 is a handler that wrote nothing,
// which net/http sends as 200.
func (rm *routeMetrics) observe(status int, took time.Duration) {
	rm.seconds.Observe(took.Seconds())
	switch class := status / 100; {
	case status == statusClientGone:
		rm.gone.Inc()
	case class >= 1 && class < len(rm.classes):
		rm.classes[class].Inc()
	default:
		rm.classes[2].Inc()
	}
}

// AdminHandler serves /metrics, /livez and /readyz to whoever reaches it, and
// /debug/pprof/ to this machine. For the admin address only.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	for path, profile := range map[string]http.HandlerFunc{"": pprof.Index, "cmdline": pprof.Cmdline,
		"profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace} {
		mux.Handle("GET /debug/pprof/"+path, hereOnly(profile))
	}
	healthy := func(w http.ResponseWriter, r *http.Request) { s.health(w, r) }
	mux.HandleFunc("GET /livez", healthy)
	mux.HandleFunc("GET /readyz", healthy)
	return mux
}

// hereOnly answers this machine alone, and there no page that a browser was led
// to by a name. A profile takes as much of the processor as whoever asks for it
// likes, and the admin address may be one at which other machines read metrics.
func hereOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, ok := hopAddr(r.RemoteAddr)
		host, named := hopAddr(r.Host)
		local := named && host.IsLoopback() || r.Host == "localhost" || strings.HasPrefix(r.Host, "localhost:")
		if !ok || !peer.IsLoopback() || !local {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}
