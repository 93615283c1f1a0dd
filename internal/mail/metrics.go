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

func newMetrics(reg prometheus.Registerer, s *store.Store) (*metrics, error) {
	m := &metrics{letters: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "dauys_letters_total", Help: "Letters by kind and result: sent, retry, given_up, uncertain, lost (to another sender).",
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
		m.letters,
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
