package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/BurntSushi/toml"
	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/petition"
)

// searches is how many different words each run looks for, each once: no page
// of a result is in the cache.
const searches = 200

// searching measures searches for words and beginnings of words in three
// languages, by as many readers as there are connections.
func (b *httpBench) searching(ctx context.Context) error {
	words, err := searchedWords(b.exported, b.o.runs*searches)
	if err != nil {
		return err
	}
	langs := []string{"en", "ru", "kk"}
	l := load{addr: b.addr, conns: b.o.conns, want: []int{200}, size: -1}
	var rounds []round
	for part := range slices.Chunk(words, searches) {
		if len(part) < searches {
			break
		}
		var next atomic.Int64
		before := b.server.cpu()
		got, err := l.run(ctx, 0, func(int) []byte {
			i := int(next.Add(1)) - 1
			if i >= len(part) {
				return nil
			}
			// An order of its own: the list benchmark must not have asked for the page.
			return get(b.addr, "/"+langs[i%3]+"/petitions?count=24&q="+url.QueryEscape(part[i]))
		})
		if err != nil {
			return err
		}
		got.cpu = b.server.cpu() - before
		rounds = append(rounds, got)
	}
	b.report.Search = sumUp(rounds)
	b.out.section(fmt.Sprintf("search: %d different words and beginnings in each run, %d petitions", searches, b.report.Import.Rows),
		rateHead("pages/s"), rateRow("first time", b.report.Search))
	return nil
}

// searchedWords are n different words to look for: of the imported titles and
// of the demo's world, whole, by their beginnings and with a letter left out.
func searchedWords(x export, n int) ([]string, error) {
	var world demoFile
	if _, err := toml.Decode(demoWorldFile, &world); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var foreign []string
	for _, p := range world.Petition {
		for _, l := range []petition.Lang{"kk", "ru"} {
			for _, w := range search.Words(p.Text[l].Title + " " + p.Text[l].Ask) {
				if len([]rune(w)) >= 4 && !seen[w] {
					seen[w] = true
					foreign = append(foreign, w)
				}
			}
		}
	}
	known := vocabulary(x.rows)
	if len(known) == 0 || len(foreign) == 0 {
		return nil, errors.New("the export has no words")
	}
	var words []string
	for i := 0; len(words) < n && i < 20*n; i++ {
		w := known[i*11%len(known)]
		if i%3 == 2 {
			w = foreign[i/3%len(foreign)]
		}
		switch letters := []rune(w); {
		case i%4 == 1 && len(letters) > 5:
			w = string(letters[:4])
		case i%8 == 3 && len(letters) > 6:
			w = string(slices.Delete(letters, 2, 3))
		}
		if w = strings.TrimSpace(w); !seen["asked "+w] {
			seen["asked "+w] = true
			words = append(words, w)
		}
	}
	return words, nil
}
