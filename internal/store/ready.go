package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Ready says whether the store can serve: migrated to this version, and a
// write goes through. One page is little, and may find room where a batch of
// signatures does not: since the disk refused a write, Ready writes as much as
// a large batch does, and the store is ready again when that was taken.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.Migrated(ctx); err != nil {
		return err
	}
	if s.refused.Load() {
		if err := s.writeReady(ctx, probe()); err != nil {
			return err
		}
		s.refused.Store(false)
	}
	return s.writeReady(ctx, "1")
}

func (s *Store) writeReady(ctx context.Context, value string) error {
	_, err := s.w.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('ready', $1)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, value)
	return s.d.classify(err)
}

// probe is a megabyte of text that no engine packs into less.
func probe() string {
	var b strings.Builder
	sum := sha256.Sum256(nil)
	for b.Len() < 1<<20 {
		sum = sha256.Sum256(sum[:])
		b.WriteString(hex.EncodeToString(sum[:]))
	}
	return b.String()
}
