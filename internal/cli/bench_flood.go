package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/petition"
)

// floodReport is what those who sign a quiet petition feel while everybody
// signs another one.
type floodReport struct {
	Engine  string  `json:"engine"`
	Alone   figures `json:"alone"`   // the quiet petition, nothing else
	Flooded figures `json:"flooded"` // the same, beside the flood
	Taken   float64 `json:"flood_taken_per_second"`
	Refused float64 `json:"flood_refused_per_second"` // answered at once that the pool is full
	Sent    int64   `json:"quiet_refused"`            // of the quiet petition, by a disk that hung
}

// How the flood is made: callers of the hot petition, many more than its share
// of the pool, who come back a little after they were refused; and the people of
// the quiet petition, each with a pause.
const (
	flooders      = 4 * mostCallers
	floodComeBack = time.Second
	quietPeople   = 16
	quietPause    = 20 * time.Millisecond
)

// flood measures the quiet petition alone and beside the flood, in turns. Of
// somebody quiet a refusal is counted: the pool keeps room, unless the disk hangs.
func (t *ingestTable) flood(ctx context.Context) error {
	r := floodReport{Engine: t.st.Engine()}
	var alone, flooded []round
	var taken, refused []float64
	var sent atomic.Int64
	for range t.b.o.runs {
		for _, crowd := range []int{0, flooders} {
			got, yes, no, err := t.beside(ctx, crowd, &sent)
			if err != nil {
				return err
			}
			if crowd == 0 {
				alone = append(alone, got)
				continue
			}
			flooded = append(flooded, got)
			taken, refused = append(taken, float64(yes)/got.took.Seconds()), append(refused, float64(no)/got.took.Seconds())
		}
	}
	r.Sent = sent.Load()
	r.Alone, r.Flooded, r.Taken, r.Refused = sumUp(alone), sumUp(flooded), tidy(median(taken)), tidy(median(refused))
	t.b.report.Flood = append(t.b.report.Flood, r)
	t.b.out.section(fmt.Sprintf("%s, a quiet petition beside a flooded one: of the flood %.0f/s are counted, %.0f/s refused at once; of the quiet one %d in all",
		r.Engine, r.Taken, r.Refused, r.Sent), rateHead("signatures/s"), rateRow("quiet, alone", r.Alone), rateRow("quiet, beside the flood", r.Flooded))
	return nil
}

// beside signs the quiet petition for one round while crowd callers sign the hot one.
func (t *ingestTable) beside(ctx context.Context, crowd int, sent *atomic.Int64) (r round, taken, refused int64, err error) {
	svc := signing.New(signing.Options{Store: t.st, Vault: t.b.vault, Broker: identity.NewBroker(t.b.vault), PlaceOK: placeOK, Now: t.b.env.now})
	runCtx, stop := context.WithCancel(ctx)
	var running, people sync.WaitGroup
	running.Go(func() { svc.Run(runCtx) })
	var yes, no atomic.Int64
	begin, cpu := time.Now(), ownCPU()
	end := begin.Add(time.Duration(t.b.o.seconds * float64(time.Second)))
	lat, errs := make([][]time.Duration, quietPeople), make([]error, quietPeople+crowd)
	for i := range crowd {
		people.Go(func() { errs[quietPeople+i] = floodUntil(ctx, svc, t.p.UID, end, &yes, &no) })
	}
	for i := range quietPeople {
		people.Go(func() { lat[i], errs[i] = quietUntil(ctx, svc, t.quiet.UID, end, sent) })
	}
	people.Wait()
	r = round{took: time.Since(begin), cpu: ownCPU() - cpu, lat: slices.Concat(lat...)}
	stop()
	running.Wait()
	slices.Sort(r.lat)
	return r, yes.Load(), no.Load(), errors.Join(errs...)
}

func floodUntil(ctx context.Context, svc *signing.Service, uid petition.UID, end time.Time, yes, no *atomic.Int64) error {
	for time.Now().Before(end) {
		switch err := svc.Synthetic(ctx, uid, anybody(), somewhere()); {
		case errors.Is(err, signing.ErrFull):
			no.Add(1)
			time.Sleep(floodComeBack)
		case err != nil:
			return err
		default:
			yes.Add(1)
		}
	}
	return nil
}

func quietUntil(ctx context.Context, svc *signing.Service, uid petition.UID, end time.Time, sent *atomic.Int64) (lat []time.Duration, err error) {
	for begin := time.Now(); begin.Before(end); begin = time.Now() {
		switch err := svc.Synthetic(ctx, uid, anybody(), ""); {
		case errors.Is(err, signing.ErrFull):
			sent.Add(1)
		case err != nil:
			return lat, err
		default:
			lat = append(lat, time.Since(begin))
		}
		time.Sleep(quietPause)
	}
	return lat, nil
}
