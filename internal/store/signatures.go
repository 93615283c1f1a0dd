package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/dauys/dauys/petition"
)

// NewSignature is a confirmed signature on its way into the store. It names no person.
type NewSignature struct {
	Petition     petition.ID
	Nullifier    [16]byte
	Place        string // code, "" for none
	Day          int    // civil day number in the profile's zone
	Generation   int    // withdrawals the signer's link knew of
	Subscription []byte // id of a subscription to make active, or nil
}

// Outcome is what became of one signature.
type Outcome int

// The outcomes. Added, Again and Stale are all durable when returned.
const (
	Added Outcome = iota + 1 // counted now
	Again                    // was counted before
	Stale                    // the link was used and the signature withdrawn since
)

const (
	active    = 0
	withdrawn = 1
	invalid   = 2
)

// AddSignatures commits a batch of confirmed signatures in one transaction.
//
// Order of effects (lock order of the package):
//  1. the petition rows are locked by ascending id: their counts are about to change;
//  2. rows are inserted; a conflict means counted before, or withdrawn;
//  3. subscriptions asked for become active;
//  4. counters by place and by day, aggregated;
//  5. the petitions' counts, the public count where it is live, and, where the
//     next threshold is met, the pure rule's Change with its events;
//  6. commit. Returned nil means durable; only then does a waiter hear 'counted'.
//
// It is idempotent: after a commit that was not acknowledged, the same batch
// answers Again. The outcomes are in the order of batch.
func (s *Store) AddSignatures(ctx context.Context, batch []NewSignature, now time.Time) ([]Outcome, error) {
	out := make([]Outcome, len(batch))
	err := s.writeSoon(ctx, func(tx *Tx) error {
		clear(out)
		return tx.addSignatures(batch, out, now)
	})
	return out, err
}

type sigKey struct {
	petition  petition.ID
	nullifier [16]byte
}

func (tx *Tx) addSignatures(batch []NewSignature, out []Outcome, now time.Time) error {
	seen := make(map[sigKey]bool, len(batch))
	fresh, twice := make([]int, 0, len(batch)), []int(nil)
	for i := range batch {
		k := sigKey{batch[i].Petition, batch[i].Nullifier}
		if seen[k] {
			twice = append(twice, i)
			continue
		}
		seen[k] = true
		fresh = append(fresh, i)
	}
	// By petition, for the locks; and by person, so that the index is gone
	// through once and rows do not tell in which order people came.
	slices.SortFunc(fresh, func(a, b int) int {
		x, y := &batch[a], &batch[b]
		return cmp.Or(cmp.Compare(x.Petition, y.Petition), cmp.Compare(x.Day, y.Day), cmp.Compare(x.Generation, y.Generation),
			bytes.Compare(x.Nullifier[:], y.Nullifier[:]))
	})
	locked, err := tx.lockPetitions(batch, fresh)
	if err != nil {
		return err
	}
	places, err := tx.placeKeys(batch)
	if err != nil {
		return err
	}
	if err := tx.insertSignatures(batch, fresh, out, places); err != nil {
		return err
	}
	there, err := tx.signedBefore(batch, fresh, out)
	if err != nil {
		return err
	}
	for _, i := range append(fresh, twice...) {
		if out[i] == 0 {
			if out[i], err = tx.signAgain(batch[i], places, there); err != nil {
				return err
			}
		}
	}
	if err := tx.activate(batch, out); err != nil {
		return err
	}
	return tx.addCounts(batch, out, places, locked, now)
}

// held is a petition whose row is locked until the commit.
type held struct {
	petition.Petition
	next int64 // its next threshold, 0 for none
}

// lockPetitions reads the petitions of a batch and takes their row locks in
// ascending order, in one statement. A lock is a record in PostgreSQL's log, so
// that a batch which finds everybody counted before waits for the synchronous
// standby, too: the rows that it saw may stand there only since this commit.
// SQLite's one writer needs no lock.
func (tx *Tx) lockPetitions(batch []NewSignature, order []int) (map[petition.ID]held, error) {
	list := []byte{tx.d.brackets[0]}
	want, last := 0, petition.ID(0)
	for _, i := range order {
		if id := batch[i].Petition; id != last {
			if want > 0 {
				list = append(list, ',')
			}
			want, last, list = want+1, id, strconv.AppendInt(list, int64(id), 10)
		}
	}
	all := make(map[petition.ID]held, want)
	rows, err := tx.queryOften(`SELECT `+recordColumns+`, p.next_threshold FROM petitions p
		WHERE p.id IN `+tx.d.among(1)+` ORDER BY p.id`+tx.d.forUpdate, string(append(list, tx.d.brackets[1])))
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var h held
		var err error
		h.Petition, err = scanRecord(scan, &h.next)
		all[h.ID] = h
		return err
	})
	if err == nil && len(all) != want {
		err = ErrNotFound
	}
	return all, err
}

// insertSignatures inserts what is not there yet, as each engine does it best.
func (tx *Tx) insertSignatures(batch []NewSignature, order []int, out []Outcome, places map[string]int64) error {
	if tx.d.name == sqlite.name {
		return tx.insertRowsSQLite(batch, order, out, places)
	}
	return tx.insertRowsPostgres(batch, order, out, places)
}

// signedRow is what stands of a signature whose row exists.
type signedRow struct{ status, generation int }

// signedBefore reads the rows of those who are not new, for PostgreSQL at once:
// after an outage a whole crowd asks again, and each would be a way there and
// back under the petition's lock. nil for SQLite, where signAgain reads each.
func (tx *Tx) signedBefore(batch []NewSignature, order []int, out []Outcome) (map[sigKey]signedRow, error) {
	if tx.d.name == sqlite.name {
		return nil, nil
	}
	var ids []int64
	var people [][]byte
	for _, i := range order {
		if out[i] == 0 {
			ids, people = append(ids, int64(batch[i].Petition)), append(people, batch[i].Nullifier[:])
		}
	}
	there := make(map[sigKey]signedRow, len(ids))
	if len(ids) == 0 {
		return there, nil
	}
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT s.petition_id, s.nullifier, s.status, s.generation
		FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BYTEA[])) AS x (p, n) JOIN signatures s ON s.petition_id = x.p AND s.nullifier = x.n`, ids, people)
	return there, tx.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var b []byte
		var r signedRow
		if err := scan(&id, &b, &r.status, &r.generation); err != nil {
			return err
		}
		there[sigKey{id, [16]byte(b)}] = r
		return nil
	})
}

// signAgain handles a signature whose row exists: counted before, or withdrawn
// and signed again through a link made after the withdrawal. there is what
// signedBefore read; who comes twice in a batch and is not in it was new.
func (tx *Tx) signAgain(n NewSignature, places map[string]int64, there map[sigKey]signedRow) (Outcome, error) {
	k := sigKey{n.Petition, n.Nullifier}
	row, known := there[k]
	if !known {
		err := tx.d.scan(tx.rowOften(`SELECT status, generation FROM signatures WHERE petition_id = $1 AND nullifier = $2`,
			int64(n.Petition), n.Nullifier[:]), &row.status, &row.generation)
		if errors.Is(err, ErrNotFound) && tx.d.name == sqlite.name {
			return Again, nil // they are recent: nobody who withdrew is
		} else if err != nil {
			return 0, err
		}
	}
	switch {
	case row.status != withdrawn:
		return Again, nil
	case row.generation != n.Generation:
		return Stale, nil
	}
	delete(there, k) // the row is another now
	return Added, tx.exec(`UPDATE signatures SET status = $1, place = $2, day = $3 WHERE petition_id = $4 AND nullifier = $5`,
		active, places[n.Place], n.Day, int64(n.Petition), n.Nullifier[:])
}

// activate turns on the subscriptions of those who asked for news. The address
// is proven by the same link.
func (tx *Tx) activate(batch []NewSignature, out []Outcome) error {
	for i, n := range batch {
		if n.Subscription == nil || out[i] == Stale {
			continue
		}
		if err := tx.exec(`UPDATE subscriptions SET active = 1 WHERE id = $1`, n.Subscription); err != nil {
			return err
		}
	}
	return nil
}

// placeKeys maps the place codes of a batch to their keys; "" is 0. New ones
// are made in ascending order, since other batches may make the same. Keys that
// were read are remembered: they never change, and there are as many as the
// place sets have codes. One that this transaction makes is not, since it may
// be rolled back.
func (tx *Tx) placeKeys(batch []NewSignature) (map[string]int64, error) {
	keys := map[string]int64{"": 0}
	var unknown []string
	for i := range batch {
		code := batch[i].Place
		if _, ok := keys[code]; ok {
			continue
		}
		if known, ok := tx.s.places.Load(code); ok {
			keys[code] = known.(int64) //nolint:forcetypeassert // the map holds nothing else
			continue
		}
		keys[code] = 0
		unknown = append(unknown, code)
	}
	slices.Sort(unknown)
	for _, code := range unknown {
		k, made, err := tx.placeKey(code)
		if err != nil {
			return nil, err
		}
		if !made {
			tx.s.places.Store(code, k)
		}
		keys[code] = k
	}
	return keys, nil
}

// placeKey finds the key of a place code, and makes one the first time.
func (tx *Tx) placeKey(code string) (k int64, made bool, err error) {
	err = tx.d.scan(tx.row(`SELECT id FROM places WHERE code = $1`, code), &k)
	if errors.Is(err, ErrNotFound) {
		return k, true, tx.d.scan(tx.row(`INSERT INTO places (code) VALUES ($1)
			ON CONFLICT (code) DO UPDATE SET code = excluded.code RETURNING id`, code), &k)
	}
	return k, false, err
}

// WithdrawSignature takes a signature back, silently: the row stays, marked,
// the counters fall, no event is written. generation is what the link knew of;
// a link made before an earlier withdrawal does nothing, nor does a second use.
func (s *Store) WithdrawSignature(ctx context.Context, id petition.ID, nullifier [16]byte, generation int, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		p, err := tx.load(id)
		if err != nil {
			return err
		}
		law := s.laws.Of(p)
		if law == nil {
			return petition.ErrClosed
		} else if err := law.CheckWithdraw(p, now); err != nil {
			return err
		}
		if err := tx.settleOne(sigKey{id, nullifier}); err != nil {
			return err
		}
		var place, day int64
		err = tx.d.scan(tx.row(`UPDATE signatures SET status = $1, generation = generation + 1
			WHERE petition_id = $2 AND nullifier = $3 AND status = $4 AND generation = $5 RETURNING place, day`,
			withdrawn, int64(id), nullifier[:], active, generation), &place, &day)
		if errors.Is(err, ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		if law.Live(p.Count) && !law.Live(p.Count-1) {
			// The last live moment stays what the public sees of places and days.
			if err := tx.showCells(id); err != nil {
				return err
			}
		}
		if err := tx.exec(`UPDATE place_counts SET count = count - 1 WHERE petition_id = $1 AND place = $2`, int64(id), place); err != nil {
			return err
		}
		if err := tx.exec(`UPDATE day_counts SET count = count - 1 WHERE petition_id = $1 AND day = $2`, int64(id), day); err != nil {
			return err
		}
		return tx.addCount(held{Petition: p}, -1, now)
	})
}

// SignatureState is what the holder of a link may learn about one signature.
type SignatureState struct {
	Exists     bool
	Active     bool
	Generation int
}

// SignerSignature looks one signature up for the person who holds its link.
func (s *Store) SignerSignature(ctx context.Context, id petition.ID, nullifier [16]byte) (SignatureState, error) {
	var st SignatureState
	var recent recentSignature
	if s.d.name == sqlite.name {
		var err error
		if recent, err = s.recentSignature(ctx, sigKey{id, nullifier}); err != nil {
			return st, err
		}
	}
	var status int
	read := func() error {
		return s.d.scan(s.queryRow(ctx, `SELECT status, generation FROM signatures WHERE petition_id = $1 AND nullifier = $2`,
			int64(id), nullifier[:]), &status, &st.Generation)
	}
	err := read()
	for try := 1; try < 5 && lostRace(err); try++ { // the table became another one, see Narrow
		err = read()
	}
	if errors.Is(err, ErrNotFound) {
		return SignatureState{Exists: recent.there, Active: recent.there, Generation: recent.generation}, nil
	}
	st.Exists, st.Active = err == nil, status != withdrawn
	return st, err
}
