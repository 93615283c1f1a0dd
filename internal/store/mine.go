package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/dauys/dauys/petition"
)

// TextVersion is one version of a petition's text.
type TextVersion struct {
	Version int
	Texts   petition.Texts
	Hash    string // SHA-256 of its JSON, in hexadecimal digits
}

// MineVersions are all versions of a petition's text, the first one first: for
// its petitioner and for the desk.
func (s *Store) MineVersions(ctx context.Context, id petition.ID) ([]TextVersion, error) {
	var all []TextVersion
	rows, err := s.r.QueryContext(ctx, `SELECT version, texts, hash FROM texts WHERE petition_id = $1 ORDER BY version`, int64(id))
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var v TextVersion
		var texts string
		var hash []byte
		if err := scan(&v.Version, &texts, &hash); err != nil {
			return err
		}
		v.Hash = hex.EncodeToString(hash)
		all = append(all, v)
		return json.Unmarshal([]byte(texts), &all[len(all)-1].Texts)
	})
	return all, err
}

// MineContact is where the petitioner is written to; ErrNotFound once it was
// destroyed.
func (s *Store) MineContact(ctx context.Context, id petition.ID) (Contact, error) {
	var c Contact
	var hash []byte
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT address_hash, address, lang FROM contacts WHERE petition_id = $1`, int64(id)),
		&hash, &c.Sealed, &c.Lang)
	copy(c.Hash[:], hash)
	return c, err
}

// EraseContact destroys a petitioner's contact with the decision of decide, in
// one transaction; the pages that held it are emptied afterwards (Scrub).
func (s *Store) EraseContact(ctx context.Context, id petition.ID, now time.Time, decide Decide) error {
	_, err := s.Change(ctx, id, now, func(tx *Tx, p petition.Petition) (petition.Change, error) {
		c, err := decide(tx, p)
		if err != nil {
			return c, err
		}
		n, err := tx.affected(`DELETE FROM contacts WHERE petition_id = $1`, int64(id))
		if err == nil && n == 0 {
			err = petition.ErrState // it was destroyed before
		}
		return c, err
	})
	if err != nil {
		return err
	}
	return s.Scrub(ctx)
}

// DecideBoth is a pure decision about two petitions that belong together.
type DecideBoth func(a, b petition.Petition) (petition.Change, petition.Change, error)

// ChangeBoth changes two petitions by one act, as Change does one. The rows are
// locked in the order of their ids, whichever comes first in the act.
func (s *Store) ChangeBoth(ctx context.Context, a, b petition.ID, now time.Time, decide DecideBoth) error {
	return s.write(ctx, func(tx *Tx) error {
		loaded := map[petition.ID]petition.Petition{}
		for _, id := range []petition.ID{min(a, b), max(a, b)} {
			p, err := tx.load(id)
			if err != nil {
				return err
			}
			loaded[id] = p
		}
		ca, cb, err := decide(loaded[a], loaded[b])
		if err != nil {
			return err
		}
		if _, err := tx.apply(loaded[a], ca, now); err != nil {
			return err
		}
		_, err = tx.apply(loaded[b], cb, now)
		return err
	})
}

// publicOrg is what everyone may know of an organisation's word: not the
// officers, and not the link.
func publicOrg(c *petition.OrgCheck) *petition.OrgCheck {
	if c == nil {
		return nil
	}
	return &petition.OrgCheck{State: c.State, Source: c.Source, At: c.At}
}

// nameOrg keeps the name of an organisation that petitions for the look-up of
// names that look alike.
func (tx *Tx) nameOrg(p petition.Petition) error {
	if p.Creator.Kind != petition.Organisation {
		return nil
	}
	return tx.exec(`INSERT INTO org_names (petition_id, skeleton, name) VALUES ($1, $2, $3)`,
		int64(p.ID), petition.Skeleton(p.Creator.Org), p.Creator.Org)
}

// skeletonVersion is the setting that names the version of the kept skeletons.
const skeletonVersion = "skeleton_version"

// fillNames makes the skeletons anew that an earlier version made, all in one
// transaction: a site has few organisations.
func (s *Store) fillNames(ctx context.Context) error {
	want := strconv.Itoa(petition.SkeletonVersion)
	if have, err := s.Meta(ctx, skeletonVersion); err != nil || have == want {
		return err
	}
	return s.write(ctx, func(tx *Tx) error {
		names := map[int64]string{}
		rows, err := tx.tx.QueryContext(tx.ctx, `SELECT petition_id, name FROM org_names`)
		err = tx.d.each(rows, err, func(scan func(...any) error) error {
			var id int64
			var name string
			err := scan(&id, &name)
			names[id] = name
			return err
		})
		if err != nil {
			return err
		}
		for id, name := range names {
			if err := tx.exec(`UPDATE org_names SET skeleton = $1 WHERE petition_id = $2`, petition.Skeleton(name), id); err != nil {
				return err
			}
		}
		return tx.exec(`INSERT INTO meta (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, skeletonVersion, want)
	})
}

// DeskLookalikes are names of other organisations that a reader may take for
// name; at most ten.
func (s *Store) DeskLookalikes(ctx context.Context, name string) ([]string, error) {
	var names []string
	rows, err := s.r.QueryContext(ctx, `SELECT DISTINCT name FROM org_names WHERE skeleton = $1 AND name <> $2 ORDER BY name LIMIT 10`,
		petition.Skeleton(name), name)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var n string
		if err := scan(&n); err != nil {
			return err
		}
		if petition.Lookalike(n, name) {
			names = append(names, n)
		}
		return nil
	})
	return names, err
}

// DeskNews are petitions with news that wait for a moderator, the longest
// waiting first.
func (s *Store) DeskNews(ctx context.Context, limit int) ([]petition.Petition, error) {
	var list []petition.Petition
	rows, err := s.r.QueryContext(ctx, `SELECT `+recordColumns+` FROM (SELECT petition_id, at FROM news_waiting ORDER BY at, petition_id LIMIT $1) n
		JOIN petitions p ON p.id = n.petition_id ORDER BY n.at, p.id`, limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		p, err := scanRecord(scan)
		list = append(list, p)
		return err
	})
	return list, err
}

// queueNews keeps the queue of news in step with the record.
func (tx *Tx) queueNews(before, p petition.Petition) error {
	switch {
	case before.News == nil && p.News != nil:
		return tx.exec(`INSERT INTO news_waiting (petition_id, at) VALUES ($1, $2)`, int64(p.ID), stamp(p.News.At))
	case before.News != nil && p.News == nil:
		return tx.exec(`DELETE FROM news_waiting WHERE petition_id = $1`, int64(p.ID))
	}
	return nil
}
