package store

import (
	"bytes"
	"maps"
	"slices"

	"github.com/dauys/dauys/petition"
)

// pendingKey is whom a row of pending is about.
type pendingKey struct {
	petition   petition.ID
	asker      [16]byte
	withdrawal bool
}

func (n *NewPending) key() pendingKey { return pendingKey{n.Petition, n.Asker, n.Withdrawal} }

// addPendingPostgres is the batch of AddPending in three statements: with three
// for each request a thousand of them are as many ways to the database and back,
// which a crowd waits for one after the other.
//
// Order: the rows that cap the letters, by petition and person; the
// subscriptions, by id; the letters. So two batches never wait in a circle.
func (tx *Tx) addPendingPostgres(batch []NewPending, order []int, queued []bool, hour int64) error {
	// A statement changes a row once: who asks again in the same batch is next.
	for left := order; len(left) > 0; {
		var group, again []int
		seen := make(map[pendingKey]int, len(left))
		for _, i := range left {
			if _, there := seen[batch[i].key()]; there {
				again = append(again, i)
				continue
			}
			seen[batch[i].key()] = i
			group = append(group, i)
		}
		if err := tx.capAll(batch, group, seen, queued, hour); err != nil {
			return err
		}
		left = again
	}
	subscriptions := make(map[[16]byte]*NewPending)
	var letters []Letter
	for _, i := range order {
		if !queued[i] {
			continue
		}
		if n := &batch[i]; n.Subscription != nil {
			subscriptions[n.Subscription.ID] = n
		}
		letters = append(letters, batch[i].letter())
	}
	if err := tx.subscribeAll(subscriptions, hour); err != nil {
		return err
	}
	return tx.enqueueAll(letters)
}

// capAll is capLetters for a group of different people, whose indices are at.
func (tx *Tx) capAll(batch []NewPending, group []int, at map[pendingKey]int, queued []bool, hour int64) error {
	n := len(group)
	ids, people, withdrawals := make([]int64, n), make([][]byte, n), make([]int32, n)
	for k, i := range group {
		ids[k], people[k], withdrawals[k] = int64(batch[i].Petition), batch[i].Asker[:], int32(bit(batch[i].Withdrawal))
	}
	rows, err := tx.tx.QueryContext(tx.ctx, `INSERT INTO pending (petition_id, nullifier, withdrawal, letters, hour)
		SELECT p, n, w, 1, CAST($4 AS BIGINT) FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BYTEA[]), CAST($3 AS INTEGER[])) AS x (p, n, w)`+
		askedAgain+` RETURNING petition_id, nullifier, withdrawal = 1`, ids, people, withdrawals, hour, maxLetters)
	return tx.d.each(rows, err, func(scan func(...any) error) error {
		var key pendingKey
		var asker []byte
		if err := scan(&key.petition, &asker, &key.withdrawal); err != nil {
			return err
		}
		key.asker = [16]byte(asker)
		queued[at[key]] = true
		return nil
	})
}

// subscribeAll is subscribe for many, each address once.
func (tx *Tx) subscribeAll(by map[[16]byte]*NewPending, hour int64) error {
	if len(by) == 0 {
		return nil
	}
	var ids, addresses [][]byte
	var petitions []int64
	var langs []string
	for _, id := range slices.SortedFunc(maps.Keys(by), func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }) {
		n := by[id]
		ids, addresses = append(ids, n.Subscription.ID[:]), append(addresses, n.Subscription.Address)
		petitions, langs = append(petitions, int64(n.Petition)), append(langs, string(n.Subscription.Lang))
	}
	return tx.exec(`INSERT INTO subscriptions (id, petition_id, address, lang, active, hour)
		SELECT i, p, a, l, 0, CAST($5 AS BIGINT) FROM unnest(CAST($1 AS BYTEA[]), CAST($2 AS BIGINT[]), CAST($3 AS BYTEA[]), CAST($4 AS TEXT[])) AS x (i, p, a, l)`+followedAgain, ids, petitions, addresses, langs, hour)
}
