package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// round is one run of one contestant.
type round struct {
	took time.Duration
	lat  []time.Duration // sorted
	cpu  time.Duration   // that the server took meanwhile
}

// figures sum up the rounds of one contestant: each is the median over them.
type figures struct {
	PerSecond float64   `json:"per_second"`
	P50       float64   `json:"p50_ms"`
	P99       float64   `json:"p99_ms"`
	CPU       float64   `json:"cpu_us"` // of the server, for each request; 0 when the system does not say
	Runs      []float64 `json:"runs_per_second"`
}

func sumUp(rounds []round) figures {
	var f figures
	var p50, p99, cpu []float64
	for _, r := range rounds {
		n := float64(len(r.lat))
		f.Runs = append(f.Runs, tidy(n/r.took.Seconds()))
		p50 = append(p50, ms(percentile(r.lat, 50)))
		p99 = append(p99, ms(percentile(r.lat, 99)))
		cpu = append(cpu, float64(r.cpu.Microseconds())/max(n, 1))
	}
	f.PerSecond, f.P50, f.P99, f.CPU = median(f.Runs), median(p50), median(p99), tidy(median(cpu))
	return f
}

// percentile is the smallest of the sorted values that p per cent are at or
// below (nearest rank); 0 of none.
func percentile[T cmp.Ordered](sorted []T, p float64) T {
	var none T
	if len(sorted) == 0 {
		return none
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median is the middle value, or the mean of the two in the middle; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	m := len(s) / 2
	if len(s)%2 == 1 {
		return s[m]
	}
	return (s[m-1] + s[m]) / 2
}

// ratio is the median of a[i]/b[i]: what neighbours do to one round they do to
// both of it.
func ratio(a, b []float64) float64 {
	var r []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			r = append(r, a[i]/b[i])
		}
	}
	return math.Round(median(r)*1000) / 1000
}

func ms(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e3 }

// tidy keeps four digits: there is nothing in the others.
func tidy(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-3)
	return math.Round(v/unit) * unit
}

// table prints rows of cells in columns, the first to the left.
func table(w io.Writer, title string, rows ...[]string) {
	fmt.Fprintf(w, "\n%s\n", title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, "  "+strings.Join(r, "\t"))
	}
	_ = t.Flush() // an error of w shows at its next write
}

// rateHead names the columns of rateRow.
func rateHead(what string) []string {
	return []string{"", what, "p50 ms", "p99 ms", "CPU µs", "lowest and highest"}
}

func rateRow(name string, f figures) []string {
	if len(f.Runs) == 0 {
		return []string{name, "-", "-", "-", "-", "-"}
	}
	cpu := "-"
	if f.CPU > 0 {
		cpu = fmt.Sprintf("%.1f", f.CPU)
	}
	return []string{name, fmt.Sprintf("%.0f", f.PerSecond), fmt.Sprintf("%.2f", f.P50), fmt.Sprintf("%.2f", f.P99), cpu,
		fmt.Sprintf("%.0f to %.0f", slices.Min(f.Runs), slices.Max(f.Runs))}
}

func mb(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
