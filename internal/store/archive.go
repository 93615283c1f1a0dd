package store

import (
	"context"
	"time"

	"github.com/dauys/dauys/petition"
)

// archiveColumns derives what the archive is asked for; what was imported has
// neither.
func archiveColumns(p petition.Petition, law *petition.Profile) []column {
	var from time.Time
	if law != nil {
		from = law.ArchiveFrom(p)
	}
	return []column{{"archived_at", stampOrNull(p.ArchivedAt)}, {"archive_from", stampOrNull(from)}}
}

// DeskRipe are the petitions that an officer may send to the archive at now,
// the longest at rest first, and how many there are in all.
func (s *Store) DeskRipe(ctx context.Context, now time.Time, limit int) ([]petition.Petition, int, error) {
	var list []petition.Petition
	rows, err := s.r.QueryContext(ctx, `SELECT `+recordColumns+` FROM petitions p WHERE p.archive_from <= $1 ORDER BY p.archive_from, p.id LIMIT $2`, stamp(now), limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		p, err := scanRecord(scan)
		list = append(list, p)
		return err
	})
	if err != nil || len(list) < limit {
		return list, len(list), err
	}
	var n int
	err = s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*) FROM petitions WHERE archive_from <= $1`, stamp(now)), &n)
	return list, n, err
}

// Ended are up to limit petitions under a profile, with an id above after and
// not younger than before, that have ended in public and are not archived.
func (s *Store) Ended(ctx context.Context, profile string, before time.Time, after petition.ID, limit int) ([]petition.ID, error) {
	return s.ids(ctx, `SELECT id FROM petitions WHERE state IN ('closed', 'refused') AND archived = 0 AND profile = $1 AND created_at <= $2
		AND id > $3 AND origin IN ('here', 'replay') ORDER BY id LIMIT $4`, profile, stamp(before), int64(after), limit)
}

// PurgeContacts erases the addresses of petitioners whose petitions went to
// the archive before a moment; up to limit in a transaction of its own. It
// returns how many.
func (s *Store) PurgeContacts(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	ids, err := s.ids(ctx, `SELECT p.id FROM petitions p WHERE p.archived_at < $1 AND EXISTS (SELECT 1 FROM contacts c WHERE c.petition_id = p.id)
		ORDER BY p.archived_at, p.id LIMIT $2`, stamp(before), limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = s.write(ctx, func(tx *Tx) error {
		n = 0
		for _, id := range ids {
			one, err := tx.affected(`DELETE FROM contacts WHERE petition_id = $1`, int64(id))
			if err != nil {
				return err
			}
			n += one
		}
		return nil
	})
	return n, err
}

// The setting that says which version of the rules about the archive the
// columns were derived by.
const (
	archiveSetting = "archive_rules"
	archiveRules   = "1"
	archiveStep    = 500
)

// fillArchive derives for petitions that ended before there was an archive when
// they go there. Each step is a transaction; a start that was cut short does
// them again.
func (s *Store) fillArchive(ctx context.Context) error {
	if have, err := s.Meta(ctx, archiveSetting); err != nil || have == archiveRules {
		return err
	}
	for after := petition.ID(0); ; {
		ids, err := s.ids(ctx, `SELECT id FROM petitions WHERE state IN ('closed', 'refused') AND archived = 0 AND origin IN ('here', 'replay') AND id > $1
			ORDER BY id LIMIT $2`, int64(after), archiveStep)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return s.SetMeta(ctx, archiveSetting, archiveRules)
		}
		if err := s.write(ctx, func(tx *Tx) error { return tx.rederive(ids) }); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

func (tx *Tx) rederive(ids []petition.ID) error {
	list, err := tx.loadAll(ids)
	if err != nil {
		return err
	}
	for _, p := range list {
		law := tx.s.laws.Of(p)
		if law == nil {
			continue
		}
		if err := tx.exec(`UPDATE petitions SET next_due = $1, archive_from = $2 WHERE id = $3`,
			stampOrNull(law.NextDue(p)), stampOrNull(law.ArchiveFrom(p)), int64(p.ID)); err != nil {
			return err
		}
	}
	return nil
}
