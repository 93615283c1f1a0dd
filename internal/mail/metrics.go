package mail

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
)

// metrics count letters by kind and result: a bounded number of series.
type metrics struct{ letters *prometheus.CounterVec }

func newMetrics(reg prometheus.Registerer, s *store.Store, now func() time.Time) (*metrics, error) {
	m := &metrics{letters: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "dauys_letters_total", Help: "Letters by kind and result: sent, refused (the address, for good), unwanted (news unsubscribed or stopped), retry, given_up, uncertain, lost (to another sender).",
	}, []string{"kind", "result"})}
	if reg == nil {
		return m, nil
	}
	size := func(pick func(waiting, uncertain int64) int64) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			waiting, uncertain, err := s.OutboxSize(ctx)
			if err != nil {
				return -1
			}
			return float64(pick(waiting, uncertain))
		}
	}
	for _, c := range []prometheus.Collector{
		m.letters, newQueue(s, now),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "dauys_letters_waiting", Help: "Letters in the outbox that are to be sent; -1 when the store does not say."},
			size(func(waiting, _ int64) int64 { return waiting })),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "dauys_letters_uncertain", Help: "Letters handed over without an answer; never sent by themselves again."},
			size(func(_, uncertain int64) int64 { return uncertain })),
	} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("mail: metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) count(kind letter.Kind, result string) {
	if !slices.Contains(letter.Kinds(), kind) {
		kind = "other"
	}
	m.letters.WithLabelValues(string(kind), result).Inc()
}

// queue says of each class how much waits and for how long, when it is asked.
type queue struct {
	store           *store.Store
	now             func() time.Time
	waiting, oldest *prometheus.Desc
}

func newQueue(s *store.Store, now func() time.Time) *queue {
	return &queue{store: s, now: now,
		waiting: prometheus.NewDesc("dauys_letters_class_waiting", "Letters that wait, by class.", []string{"class"}, nil),
		oldest:  prometheus.NewDesc("dauys_letters_class_oldest_seconds", "How long the oldest letter waits that may be sent now, by class.", []string{"class"}, nil)}
}

// Describe is what prometheus asks of a collector.
func (q *queue) Describe(ch chan<- *prometheus.Desc) { ch <- q.waiting; ch <- q.oldest }

// Collect reads the outbox. It says nothing when the store does not answer.
func (q *queue) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	classes, err := q.store.OutboxClasses(ctx)
	if err != nil {
		return
	}
	for _, name := range []int{store.PriorityProof, store.PriorityActs, store.PriorityNews} {
		waiting, oldest := 0.0, 0.0
		for _, c := range classes {
			if c.Priority == name {
				waiting = float64(c.Waiting)
				if !c.Oldest.IsZero() {
					oldest = max(0, q.now().Sub(c.Oldest).Seconds())
				}
			}
		}
		ch <- prometheus.MustNewConstMetric(q.waiting, prometheus.GaugeValue, waiting, store.LetterClassName(name))
		ch <- prometheus.MustNewConstMetric(q.oldest, prometheus.GaugeValue, oldest, store.LetterClassName(name))
	}
}
