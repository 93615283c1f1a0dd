package cli

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// inBenchDir runs f in the directory that was asked for, which is made where
// it is missing and stays, so that what takes minutes to fill is filled once;
// or else in one of its own, which is removed.
func inBenchDir(dir string, f func(dir string) error) error {
	if dir == "" {
		return inTempDir(f)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return f(dir)
}

// benchPetitions are two petitions that are open for signatures: one that
// everybody signs, and a quiet one.
type benchPetitions struct{ hot, quiet petition.Petition }

// benchWorld puts the demo's fictional petitions into the database of cfg,
// unless they are there from an earlier run.
func benchWorld(ctx context.Context, cfg Config, file string, now time.Time) (b benchPetitions, err error) {
	st, err := openStore(ctx, "sqlite:"+file, true)
	if err != nil {
		return b, err
	}
	defer st.Close()
	if b, err = openPetitions(ctx, st, now); err == nil && b.hot.Number != 0 && b.quiet.Number != 0 {
		return b, nil
	}
	// The seeder opens the file itself, so that this store must be told.
	if err := errors.Join(err, seedWorld(ctx, cfg, file, now), st.PollGeneration(ctx)); err != nil {
		return b, fmt.Errorf("the fictional petitions: %w", err)
	}
	if b, err = openPetitions(ctx, st, now); err == nil && (b.hot.Number == 0 || b.quiet.Number == 0) {
		err = errors.New("fewer than two of the fictional petitions are open")
	}
	return b, err
}

// carryWorld fills a PostgreSQL database with the same petitions, by way of a
// file. It is refused unless it is empty, or was filled by an earlier run with
// this --dir.
func carryWorld(ctx context.Context, cfg Config, file, postgres string, now time.Time) error {
	dst, err := openStore(ctx, postgres, true)
	if err != nil {
		return err
	}
	defer dst.Close()
	if there, err := openPetitions(ctx, dst, now); err != nil || there.quiet.Number != 0 {
		return err
	}
	if _, err := benchWorld(ctx, cfg, file, now); err != nil {
		return err
	}
	src, err := openStore(ctx, "sqlite:"+file, false)
	if err != nil {
		return err
	}
	defer src.Close()
	_, err = store.Move(ctx, src, dst)
	return err
}

// openPetitions are the two with the most signatures that can be signed now.
func openPetitions(ctx context.Context, st *store.Store, now time.Time) (b benchPetitions, err error) {
	page, err := st.PublicList(ctx, store.ListQuery{Facet: store.FacetRecent, Limit: 50})
	if err != nil {
		return b, err
	}
	for _, p := range page.Items {
		law := st.Laws().Of(p.Petition)
		switch {
		case law == nil || law.CheckSign(p.Petition, now) != nil:
		case b.hot.Number == 0 || p.Shown > b.hot.Shown:
			b.hot, b.quiet = p.Petition, b.hot
		case b.quiet.Number == 0 || p.Shown > b.quiet.Shown:
			b.quiet = p.Petition
		}
	}
	return b, nil
}

// places is how many places the nobodies come from: as many as a parliament
// has constituencies.
const places = 650

// somewhere is the code of a place.
func somewhere() string {
	return "BENCH-" + strconv.Itoa(rand.IntN(places)) //nolint:gosec // nobody's
}

// nobodies are n signatures of nobody, from all places.
func nobodies(p petition.Petition, n int, now time.Time) []store.NewSignature {
	batch := make([]store.NewSignature, n)
	day := int(now.Unix() / 86400)
	for i := range batch {
		batch[i] = store.NewSignature{Petition: p.ID, Day: day, Place: somewhere(), Nullifier: anybody()}
	}
	return batch
}

// anybody is a number that no two share.
func anybody() (n [16]byte) {
	binary.LittleEndian.PutUint64(n[:], rand.Uint64())  //nolint:gosec // nobody's
	binary.LittleEndian.PutUint64(n[8:], rand.Uint64()) //nolint:gosec // nobody's
	return n
}

// sweep is how many signatures are laid into an index in one go through it.
const sweep = 1_000_000

// fill adds n signatures of nobody, to the plain table as well where there is
// one. They go in a million at a time in the order of the index, so that each
// of its pages is touched once in a million rows, and not once for each; its
// pages split as those do that people fill.
func fill(ctx context.Context, st *store.Store, bare *store.Bare, p petition.Petition, n int, now time.Time) error {
	for n > 0 {
		k := min(n, sweep)
		n -= k
		sorted := make([][16]byte, k)
		for i := range sorted {
			sorted[i] = anybody()
		}
		slices.SortFunc(sorted, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
		for chunk := range slices.Chunk(sorted, 5000) {
			batch := nobodies(p, len(chunk), now)
			for i := range batch {
				batch[i].Nullifier = chunk[i]
			}
			if err := fillBatch(ctx, st, bare, batch, now); err != nil {
				return err
			}
		}
		if st == nil {
			continue
		}
		if _, err := st.Settle(ctx, func(int, int) {}); err != nil {
			return err
		}
	}
	return nil
}

func fillBatch(ctx context.Context, st *store.Store, bare *store.Bare, batch []store.NewSignature, now time.Time) error {
	if st != nil {
		if _, err := st.AddSignatures(ctx, batch, now); err != nil {
			return err
		}
	}
	if bare == nil {
		return nil
	}
	return bare.Signatures(ctx, batch)
}
