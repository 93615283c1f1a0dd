package cli

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/dauys/dauys/internal/store"
)

// listReport is the list over many different pages and filters. Each run asks
// for pages that no run before asked for.
type listReport struct {
	Pages int     `json:"pages"`
	Cold  figures `json:"cold"` // each page once: rendered then
	Warm  figures `json:"warm"` // the same pages again, in turns
}

func (b *httpBench) lists(ctx context.Context) error {
	paths := listPaths(b.exported.rows, b.o.runs*b.o.pages)
	if len(paths) < b.o.runs {
		return fmt.Errorf("the export has words for %d pages only", len(paths))
	}
	each := len(paths) / b.o.runs
	r := &b.report.List
	r.Pages = each
	var cold, warm []round
	l := load{addr: b.addr, conns: b.o.conns, want: []int{200}, size: -1}
	for part := range slices.Chunk(paths[:each*b.o.runs], each) {
		requests := make([][]byte, len(part))
		for i, p := range part {
			requests[i] = get(b.addr, p)
		}
		var next atomic.Int64
		measure := func(once bool) (round, error) {
			next.Store(0)
			d := b.o.time()
			if once {
				d = 0
			}
			before := b.server.cpu()
			got, err := l.run(ctx, d, func(int) []byte {
				i := int(next.Add(1)) - 1
				if once && i >= len(requests) {
					return nil
				}
				return requests[i%len(requests)]
			})
			got.cpu = b.server.cpu() - before
			return got, err
		}
		for _, once := range []bool{true, false} {
			got, err := measure(once)
			if err != nil {
				return err
			}
			if once {
				cold = append(cold, got)
			} else {
				warm = append(warm, got)
			}
		}
	}
	r.Cold, r.Warm = sumUp(cold), sumUp(warm)
	b.out.section(fmt.Sprintf("list: %d different pages and filters in each run, %d petitions", each, b.report.Import.Rows),
		rateHead("pages/s"), rateRow("first time", r.Cold), rateRow("after", r.Warm))
	return nil
}

// listPaths makes n different addresses of the list: searches for one word,
// two, and the beginning of one; filters and orders; pages far and near; in
// three languages. There may be fewer where the words do not suffice.
func listPaths(rows []store.Import, n int) []string {
	words := vocabulary(rows)
	if len(words) == 0 {
		return nil
	}
	langs, states := []string{"en", "ru", "kk"}, []string{"", "closed", "rejected", "open"}
	orders := []string{"", "newest", "signatures", "closing"}
	seen := make(map[string]bool, n)
	var paths []string
	for i := 0; len(paths) < n && i < 8*n; i++ {
		v := url.Values{}
		set := func(name, value string) {
			if value != "" {
				v.Set(name, value)
			}
		}
		word := words[i*7%len(words)]
		switch i % 5 {
		case 0:
			v.Set("q", word)
		case 1:
			v.Set("q", word+" "+words[(i*13+5)%len(words)])
		case 2:
			v.Set("q", string([]rune(word)[:4]))
			set("state", states[i/5%4])
		case 3:
			v.Set("q", word)
			set("state", states[i/5%3])
			set("sort", orders[i/15%4])
			set("page", strconv.Itoa(2+i/60%3))
		case 4:
			set("state", states[i/5%3])
			set("sort", orders[i/15%4])
			v.Set("page", strconv.Itoa(1+i*3%(len(rows)/100+1)))
		}
		if p := "/" + langs[i/2%3] + "/petitions?" + v.Encode(); !seen[p] {
			seen[p] = true
			paths = append(paths, p)
		}
	}
	return paths
}

// vocabulary are the words of the titles, of four letters and more, the most
// frequent first: what people look for.
func vocabulary(rows []store.Import) []string {
	count := map[string]int{}
	for _, m := range rows {
		for _, t := range m.Texts {
			for _, w := range strings.FieldsFunc(strings.ToLower(t.Title), func(r rune) bool { return !unicode.IsLetter(r) }) {
				if len([]rune(w)) >= 4 {
					count[w]++
				}
			}
		}
	}
	words := make([]string, 0, len(count))
	for w := range count {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	return words[:min(len(words), 3000)]
}
