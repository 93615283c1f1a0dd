package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// signReport is people signing by mail link, from the form to the count.
type signReport struct {
	Signers int     `json:"signers"`
	Submit  figures `json:"submit"`  // POST of the form: pending row and sealed letter, durable
	Letters float64 `json:"letters"` // seconds from the last form to the last letter in the file sink
	Confirm figures `json:"confirm"` // POST of the link: counted, durable
	Before  int64   `json:"count_before"`
	After   int64   `json:"count_after"`
	Agrees  bool    `json:"check_passes"`
}

// signing signs, waits for the letters, confirms, and then stops the server
// and checks that everyone was counted.
func (b *httpBench) signing(ctx context.Context) (err error) {
	r := &b.report.Sign
	r.Signers = b.o.signers
	if r.Before, err = b.count(ctx); err != nil {
		return err
	}
	page := "/en/petitions/" + strconv.FormatInt(b.hot.Number, 10)
	forms := make([][]byte, b.o.signers)
	for i := range forms {
		forms[i] = post(b.addr, page+"/sign", fmt.Sprintf("email=signer%d%%40people.example&eligible=yes", i))
	}
	if r.Submit, err = b.each(ctx, forms); err != nil {
		return err
	}
	begin := time.Now()
	links, err := b.links(ctx)
	if err != nil {
		return err
	}
	r.Letters = seconds(time.Since(begin))
	for i, link := range links {
		links[i] = post(b.addr, string(link), "")
	}
	if r.Confirm, err = b.each(ctx, links); err != nil {
		return err
	}
	_, b.report.LoadPeak = b.server.memory()
	if err := b.counted(ctx); err != nil {
		return err
	}
	b.out.section(fmt.Sprintf("%d people sign by mail link; letters were all written %.1f s after the last form; %d + %d = %d, check passes",
		r.Signers, r.Letters, r.Before, r.After-r.Before, r.After),
		rateHead("people/s"), rateRow("POST sign", r.Submit), rateRow("POST confirm", r.Confirm))
	return nil
}

// each sends every request once.
func (b *httpBench) each(ctx context.Context, requests [][]byte) (figures, error) {
	var next atomic.Int64
	l := load{addr: b.addr, conns: b.o.conns, want: []int{200, 303}, size: -1}
	before := b.server.cpu()
	r, err := l.run(ctx, 0, func(int) []byte {
		if i := int(next.Add(1)) - 1; i < len(requests) {
			return requests[i]
		}
		return nil
	})
	r.cpu = b.server.cpu() - before
	return sumUp([]round{r}), err
}

// lettersWithin is how long the letters may take.
const lettersWithin = 3 * time.Minute

// links waits until there is a letter for everyone and returns the paths of
// the links in them. Other letters, to the petitioner, are passed by.
func (b *httpBench) links(ctx context.Context) (paths [][]byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, lettersWithin)
	defer cancel()
	read := map[string]bool{}
	for {
		files, err := filepath.Glob(filepath.Join(b.dir, "mail", "*.eml"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if read[name] {
				continue
			}
			read[name] = true
			path, err := confirmLink(name)
			if err != nil {
				return nil, err
			}
			if path != "" {
				paths = append(paths, []byte(path))
			}
		}
		if len(paths) >= b.o.signers {
			return paths, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d letters were written: %w", len(paths), b.o.signers, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// confirmLink is the path of the link in a letter that asks to confirm a
// signature; "" for another letter.
func confirmLink(file string) (string, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	l, err := parseLetter(filepath.Base(file), raw)
	if err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	for _, link := range l.Links {
		if u, err := url.Parse(link); err == nil && strings.Contains(u.Path, "/confirm/") {
			return u.Path, nil
		}
	}
	return "", nil
}

// count is the exact count of the petition, read from the database.
func (b *httpBench) count(ctx context.Context) (int64, error) {
	st, err := openStore(ctx, b.cfg.Database, false)
	if err != nil {
		return 0, err
	}
	defer st.Close()
	p, err := st.SigningPetition(ctx, b.hot.Number)
	return p.Count, err
}

// counted stops the server and holds the count against what it acknowledged.
func (b *httpBench) counted(ctx context.Context) (err error) {
	r := &b.report.Sign
	if err := b.server.stop(); err != nil {
		return err
	}
	if r.After, err = b.count(ctx); err != nil {
		return err
	}
	if want := r.Before + int64(r.Signers); r.After != want {
		return fmt.Errorf("the count is %d, acknowledged are %d", r.After, want)
	}
	c, err := spawn(ctx, nil, b.environ, b.self, "check")
	if err != nil {
		return err
	}
	r.Agrees = c.wait() == nil
	if !r.Agrees {
		return errors.Join(errors.New("dauys check finds faults"), c.wait())
	}
	return nil
}
