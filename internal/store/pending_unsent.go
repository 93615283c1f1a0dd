package store

import "crypto/sha256"

// unsent are the requests of a batch whose letter does not go out, under names
// that nobody has: the rows of whom they are about stay as they are.
func unsent(batch []NewPending, queued []bool) []NewPending {
	var list []NewPending
	for i, n := range batch {
		if queued[i] {
			continue
		}
		sum := sha256.Sum256([]byte("unsent " + n.Letter.UID))
		n.Asker = [16]byte(sum[:16])
		if n.Subscription != nil {
			s := *n.Subscription
			s.ID = n.Asker
			n.Subscription = &s
		}
		list = append(list, n)
	}
	return list
}

// writeAndErase writes requests as any others and takes them out again in the
// same transaction, so that they cost what the others do and leave nothing.
func (tx *Tx) writeAndErase(list []NewPending, hour int64) error {
	if len(list) == 0 {
		return nil
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	if err := tx.addPending(list, order, make([]bool, len(list)), hour); err != nil {
		return err
	}
	if tx.d.name != sqlite.name {
		return tx.eraseUnsentPostgres(list)
	}
	for _, n := range list {
		if err := tx.execOften(`DELETE FROM outbox WHERE uid = $1`, n.Letter.UID); err != nil {
			return err
		}
		if n.Subscription != nil {
			if err := tx.execOften(`DELETE FROM subscriptions WHERE id = $1`, n.Subscription.ID[:]); err != nil {
				return err
			}
		}
		if err := tx.execOften(eraseRequest, int64(n.Petition), n.Asker[:], bit(n.Withdrawal)); err != nil {
			return err
		}
	}
	return nil
}

// eraseUnsentPostgres is one statement for each table, whatever their number.
func (tx *Tx) eraseUnsentPostgres(list []NewPending) error {
	uids, askers, ids := make([]string, len(list)), make([][]byte, len(list)), make([]int64, len(list))
	subscribed := false
	for i := range list {
		uids[i], askers[i], ids[i] = list[i].Letter.UID, list[i].Asker[:], int64(list[i].Petition)
		subscribed = subscribed || list[i].Subscription != nil
	}
	if err := tx.exec(`DELETE FROM outbox WHERE uid = ANY (CAST($1 AS TEXT[]))`, uids); err != nil {
		return err
	}
	if subscribed {
		if err := tx.exec(`DELETE FROM subscriptions WHERE id = ANY (CAST($1 AS BYTEA[]))`, askers); err != nil {
			return err
		}
	}
	return tx.exec(`DELETE FROM pending WHERE (petition_id, nullifier) IN
		(SELECT p, n FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BYTEA[])) AS x (p, n))`, ids, askers)
}
