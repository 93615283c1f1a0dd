package cli

import (
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"
)

// costs are what one act takes on the machine that was measured, with the
// figures of docs/performance.md as they stand when nothing else is given.
type costs struct {
	Submit   float64 `json:"submit_us"`        // CPU of the application: POST of the form
	Confirm  float64 `json:"confirm_us"`       // CPU of the application: POST of the link
	Forms    float64 `json:"forms_us"`         // CPU of the two forms a signer is shown
	View     float64 `json:"view_us"`          // CPU of a page or count from memory
	Primary  float64 `json:"primary_per_s"`    // signatures a second that one PostgreSQL primary commits
	SQLite   float64 `json:"sqlite_per_s"`     // the same of the embedded database with 10 M rows
	Bytes    float64 `json:"bytes"`            // on disk, of a signature in PostgreSQL
	Batch    float64 `json:"batch"`            // signatures in one commit, and so in one fsync, at full load
	CPUs     float64 `json:"cpus_per_machine"` // of an application server
	Used     float64 `json:"used"`             // share of them that is planned with
	Views    float64 `json:"views_per_signer"` // of pages and counts, those of readers who do not sign included
	Spike    float64 `json:"spike"`            // share of the day that comes in one tenth of an hour, after the news
	Signers  float64 `json:"signers"`          // in the day
	Machines []int   `json:"-"`
}

// day is how a day's signers spread over its hours, in per cent: an assumption,
// with a quiet night, a flat working day and a peak in the evening.
var day = [24]float64{1.5, 0.8, 0.5, 0.4, 0.5, 1, 2, 3.5, 5, 5.5, 5.5, 5.5, 6, 6, 5.5, 5.5, 5.5, 6, 7, 8, 8.5, 7, 4.5, 2.8}

// newsAt is the hour of the news that the spike follows.
const newsAt = 20

// perSigner is the CPU that a signer and the readers who come with them take.
func (c costs) perSigner() float64 { return c.Submit + c.Confirm + c.Forms + c.Views*c.View }

// carries is how many signers a second some application servers take.
func (c costs) carries(machines int) float64 {
	return float64(machines) * c.CPUs * c.Used * 1e6 / c.perSigner()
}

// capacityDay is a day of many signers, walked through second by second.
type capacityDay struct {
	Peak     float64 `json:"peak_per_s"`
	Machines int     `json:"machines"` // that the peak needs
	Lanes    int     `json:"lanes"`    // primaries, or lanes of one petition, that it needs
	Refused  float64 `json:"refused"`  // told to come back, in all, when there are only given lanes
	Waited   float64 `json:"waited_s"` // the last of them, until counted
	GB       float64 `json:"disk_gb"`
}

// arrivals is how many want to sign in second t of the day.
func (c costs) arrivals(t int) float64 {
	sum := 0.0
	for _, w := range day {
		sum += w
	}
	n := c.Signers * (1 - c.Spike) * day[t/3600] / sum / 3600
	if begin := newsAt * 3600; t >= begin && t < begin+360 {
		n += c.Signers * c.Spike / 360
	}
	return n
}

// walk goes through the day with some lanes of a primary each. Who finds no
// room comes back when there is some; the day ends when nobody waits.
func (c costs) walk(lanes int) capacityDay {
	d := capacityDay{GB: c.Signers * c.Bytes / 1e9}
	can := float64(lanes) * c.Primary
	for t := range 24 * 3600 {
		d.Peak = max(d.Peak, c.arrivals(t))
	}
	waiting := 0.0
	for t := range 7 * 24 * 3600 {
		if t < 24*3600 {
			waiting += c.arrivals(t)
		} else if waiting <= 0 {
			break
		}
		waiting = max(0, waiting-can)
		if waiting > 0 {
			d.Refused = max(d.Refused, waiting)
			d.Waited = max(d.Waited, waiting/can)
		}
	}
	d.Machines = int(math.Ceil(d.Peak / c.carries(1)))
	d.Lanes = int(math.Ceil(d.Peak / c.Primary))
	return d
}

// benchCapacity is the arithmetic of docs/capacity.md.
func (e *env) benchCapacity() *cobra.Command {
	c := costs{Machines: []int{1, 10, 100}}
	var json bool
	cmd := &cobra.Command{
		Use: "capacity", Short: "What 1, 10 and 100 machines carry, and a day of many signers, from measured costs", Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if c.perSigner() <= 0 || c.Primary <= 0 || c.SQLite <= 0 || c.CPUs <= 0 || c.Used <= 0 || c.Signers < 0 || c.Spike < 0 || c.Spike > 1 || c.Batch < 1 {
				return fmt.Errorf("%w: want costs, rates and shares above 0", errUsage)
			}
			return c.print(benchOut{e.out, json})
		},
	}
	f := cmd.Flags()
	f.Float64Var(&c.Submit, "submit", 543, "µs of CPU of POST sign")
	f.Float64Var(&c.Confirm, "confirm", 265, "µs of CPU of POST confirm")
	f.Float64Var(&c.Forms, "forms", 160, "µs of CPU of the two forms that a signer is shown")
	f.Float64Var(&c.View, "view", 60, "µs of CPU of a page or count from memory")
	f.Float64Var(&c.Views, "views", 20, "pages and counts that are read for each signature")
	f.Float64Var(&c.Primary, "primary", 17_000, "signatures a second of one PostgreSQL primary")
	f.Float64Var(&c.SQLite, "sqlite", 9_000, "signatures a second of the embedded database")
	f.Float64Var(&c.Bytes, "bytes", 113, "bytes of a signature on disk")
	f.Float64Var(&c.Batch, "batch", 600, "signatures in one commit at full load")
	f.Float64Var(&c.CPUs, "cpus", 2, "processors of a machine")
	f.Float64Var(&c.Used, "used", 0.6, "share of them that is planned with")
	f.Float64Var(&c.Signers, "signers", 50_000_000, "people who sign within the day")
	f.Float64Var(&c.Spike, "spike", 0.05, "share of them who come in the six minutes after the news")
	f.BoolVar(&json, "json", false, "print one JSON object")
	return cmd
}

func (c costs) print(out benchOut) error {
	out.section(fmt.Sprintf("a signature with its forms and %g views: %.0f µs of CPU, %.0f bytes, 1/%.0f of an fsync", c.Views, c.perSigner(), c.Bytes, c.Batch))
	rows := [][]string{{"machines", "signers/s by CPU", "limit of the database", "signers/s", "an hour", "views/s alone"}}
	type line struct {
		Machines int     `json:"machines"`
		CPU      float64 `json:"by_cpu_per_s"`
		Database float64 `json:"database_per_s"`
		Lanes    int     `json:"lanes"`
	}
	var lines []line
	for _, n := range c.Machines {
		l := line{Machines: n, CPU: c.carries(n), Database: c.SQLite, Lanes: 1}
		name := "SQLite, in the machine"
		if n > 1 {
			l.Lanes = int(math.Ceil(l.CPU / c.Primary))
			l.Database = float64(l.Lanes) * c.Primary
			name = fmt.Sprintf("%d PostgreSQL primaries, or lanes", l.Lanes)
		}
		lines = append(lines, l)
		can := min(l.CPU, l.Database)
		rows = append(rows, []string{strconv.Itoa(n), fmt.Sprintf("%.0f", l.CPU), name, fmt.Sprintf("%.0f", can), fmt.Sprintf("%.1f M", can*3600/1e6),
			fmt.Sprintf("%.0f", float64(n)*c.CPUs*c.Used*1e6/c.View)})
	}
	out.section("what machines carry", rows...)
	d := c.walk(1)
	rows = [][]string{{"lanes", "most who wait at once", "the last of them waits"}}
	var walks []capacityDay
	for lanes := 1; ; lanes = min(2*lanes, d.Lanes) {
		w := c.walk(lanes)
		walks = append(walks, w)
		rows = append(rows, []string{strconv.Itoa(lanes), fmt.Sprintf("%.0f", w.Refused), fmt.Sprintf("%.0f s", w.Waited)})
		if lanes >= d.Lanes {
			break
		}
	}
	out.section(fmt.Sprintf("a day of %.0f million signers: at most %.0f a second; %d machines, %d lanes; %.0f GB", c.Signers/1e6, d.Peak, d.Machines, d.Lanes, d.GB), rows...)
	return out.end(map[string]any{"costs": c, "machines": lines, "day": walks})
}
