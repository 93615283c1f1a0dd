package store

import (
	"context"
	"encoding/binary"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/dauys/dauys/petition"
)

// shelf keeps beside the index what lists show of petitions of other sites:
// reading 24 of them from the database took a third of the processor time of a
// page. A petition lies under its slot in the index. It gets another slot
// whenever its words are written anew, so that nobody ever takes an old one off:
// nobody can ask for it any more.
//
// That is right because a petition that no law rules (a copy of another site's)
// has no clock and no signers here: it changes by an import or by an act of the
// desk, and both write its words. What says more than a list tells, such as a
// refusal with its reason, is not kept.
type shelf struct {
	mu       sync.RWMutex // guards what follows; what was written into parts stays
	at       []uint32     // by slot: part and place in it, 0 for nowhere
	parts    [][]byte
	families []family
	known    map[family]int
}

// family is what many petitions have in common.
type family struct {
	kind              petition.Kind
	state             petition.State
	profile           petition.ProfileRef
	lang              petition.Lang
	body, place       string
	creator           petition.CreatorKind
	display           petition.Display
	textVersion       int
	origin            Origin
	archived, debated bool
}

// The bounds of a shelf. 32,873 rows of an exported list take 3 MB.
const (
	partSize    = 1 << 16
	mostParts   = 96 // 6 MiB
	mostPacked  = 1 << 10
	mostFamiles = 1 << 12
)

func newShelf() *shelf { return &shelf{known: make(map[family]int)} }

// take fills in the petitions that are on the shelf, and returns the slots of
// all of them and the indices of those that are not on it. now may be nil.
func (now *followed) take(ids []petition.ID, into []Public) (slots []int32, missing []int) {
	slots = make([]int32, len(ids))
	for i, id := range ids {
		if slots[i] = -1; now != nil {
			slots[i] = now.index.Slot(id)
		}
		if slots[i] < 0 || !now.shelf.get(slots[i], &into[i]) {
			missing = append(missing, i)
		}
	}
	return slots, missing
}

func (s *shelf) get(slot int32, into *Public) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if int(slot) >= len(s.at) || s.at[slot] == 0 {
		return false
	}
	at := s.at[slot]
	s.unpack(s.parts[at/partSize][at%partSize:], into)
	return true
}

// put keeps v, which was read after the index had given it this slot, if there
// is room and nothing of it would be lost.
func (s *shelf) put(slot int32, v *Public) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot < 0 || int(slot) < len(s.at) && s.at[slot] != 0 {
		return // nobody finds it there, or somebody was quicker
	}
	b, ok := s.pack(v)
	if !ok || len(b) > mostPacked {
		return
	}
	last := len(s.parts) - 1
	if last < 0 || len(s.parts[last])+len(b) > partSize {
		if len(s.parts) == mostParts {
			return
		}
		// A place of 0 is none: the first byte of each part is not used.
		s.parts = append(s.parts, make([]byte, 1, partSize))
		last++
	}
	if grow := int(slot) + 1 - len(s.at); grow > 0 {
		s.at = append(s.at, make([]uint32, grow)...)
	}
	s.at[slot] = uint32(last*partSize + len(s.parts[last]))
	s.parts[last] = append(s.parts[last], b...)
}

// times are the times of a petition that a shelf keeps.
func times(v *Public) [13]*time.Time {
	return [...]*time.Time{&v.UpdatedAt, &v.CreatedAt, &v.QueuedAt, &v.OpenedAt, &v.ClosesAt, &v.ClosedAt, &v.RefusedAt, &v.ShownAt,
		&v.CountedAt, &v.Debate.ResponseAt, &v.Debate.AnsweredAt, &v.Debate.ReachedAt, &v.Debate.DebatedAt}
}

// pack writes v: its length, what it shares, numbers, times, texts. It is false
// when that is not all there is of v. s.mu is held.
func (s *shelf) pack(v *Public) ([]byte, bool) {
	rest, mask := *v, uint64(0)
	b := append(make([]byte, 0, 256), v.UID[:]...)
	for i, t := range times(&rest) {
		if !t.IsZero() {
			mask |= 1 << i
		}
	}
	for _, n := range []uint64{uint64(v.ID), uint64(v.Number), uint64(v.Version), uint64(v.Count), uint64(v.Shown), mask} {
		b = binary.AppendUvarint(b, n)
	}
	for _, t := range times(&rest) {
		if !t.IsZero() {
			if *t != time.UnixMilli(t.UnixMilli()).UTC() { // a fraction of a millisecond, or another zone
				return nil, false
			}
			b = binary.AppendVarint(b, t.UnixMilli())
			*t = time.Time{}
		}
	}
	b = appendTexts(b, v.Creator.Name, v.Creator.Org)
	b = binary.AppendUvarint(b, uint64(len(v.Topics)))
	b = appendTexts(b, v.Topics...)
	b = binary.AppendUvarint(b, uint64(len(v.Texts)))
	for _, l := range slices.Sorted(maps.Keys(v.Texts)) {
		t := v.Texts[l]
		b = appendTexts(b, string(l), t.Title, t.Ask, t.Details)
	}
	f := family{kind: v.Kind, state: v.State, profile: v.Profile, lang: v.Lang, body: v.Body, place: v.Place, creator: v.Creator.Kind,
		display: v.Creator.Display, textVersion: v.TextVersion, origin: v.Origin, archived: v.Archived, debated: v.Debate.Debated}
	rest.ID, rest.UID, rest.Number, rest.Version, rest.Count, rest.Shown = 0, petition.UID{}, 0, 0, 0, 0
	rest.Kind, rest.State, rest.Profile, rest.Lang, rest.Body, rest.Place, rest.TextVersion = "", "", petition.ProfileRef{}, "", "", "", 0
	rest.Creator.Kind, rest.Creator.Name, rest.Creator.Org, rest.Creator.Display = "", "", "", ""
	rest.Topics, rest.Texts, rest.Origin, rest.Archived, rest.Debate.Debated = nil, nil, "", false, false
	if !reflect.ValueOf(&rest).Elem().IsZero() {
		return nil, false
	}
	n, ok := s.family(f)
	if !ok {
		return nil, false
	}
	head := binary.AppendUvarint(nil, uint64(n))
	head = binary.AppendUvarint(head, uint64(len(b)))
	return append(head, b...), true
}

func (s *shelf) family(f family) (int, bool) {
	n, ok := s.known[f]
	if !ok && len(s.families) < mostFamiles {
		n, ok = len(s.families), true
		s.families, s.known[f] = append(s.families, f), n
	}
	return n, ok
}

func appendTexts(b []byte, texts ...string) []byte {
	for _, t := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
	}
	return b
}

// unpack reads what pack wrote at the beginning of b. s.mu is held.
func (s *shelf) unpack(b []byte, v *Public) {
	r := packed{b: b}
	f := &s.families[r.number()]
	size := int(r.number())
	r = packed{b: r.b[r.at : r.at+size]}
	r.s = string(r.b)
	v.Kind, v.State, v.Profile, v.Lang, v.Body, v.Place, v.TextVersion = f.kind, f.state, f.profile, f.lang, f.body, f.place, f.textVersion
	v.Creator.Kind, v.Creator.Display, v.Origin, v.Archived, v.Debate.Debated = f.creator, f.display, f.origin, f.archived, f.debated
	r.at = copy(v.UID[:], r.b)
	v.ID, v.Number, v.Version = petition.ID(r.number()), int64(r.number()), int64(r.number())
	v.Count, v.Shown = int64(r.number()), int64(r.number())
	mask := r.number()
	for i, t := range times(v) {
		if mask&(1<<i) != 0 {
			ms, n := binary.Varint(r.b[r.at:])
			r.at += n
			*t = time.UnixMilli(ms).UTC()
		}
	}
	v.Creator.Name, v.Creator.Org = r.text(), r.text()
	for range r.number() {
		v.Topics = append(v.Topics, r.text())
	}
	n := r.number()
	v.Texts = make(petition.Texts, n)
	for range n {
		l := petition.Lang(r.text())
		v.Texts[l] = petition.Text{Title: r.text(), Ask: r.text(), Details: r.text()}
	}
}

// packed is read from its beginning to its end. Its texts are parts of s, which
// has the same bytes as b.
type packed struct {
	b  []byte
	s  string
	at int
}

func (r *packed) number() uint64 {
	v, n := binary.Uvarint(r.b[r.at:])
	r.at += n
	return v
}

func (r *packed) text() string {
	n := int(r.number())
	r.at += n
	return r.s[r.at-n : r.at]
}

// shelved is the shelf as of now for one read of the public; nil when there is
// none, or when what is read must be of another moment. Nobody who does not
// search waits for an index that is made, or asks the primary where the replica
// answers.
func (s *Store) shelved(ctx context.Context) *followed {
	f := &s.follower
	now := f.now.Load()
	if now == nil || snapshotOf(ctx) != nil {
		return nil
	}
	if now.generation >= s.gen.Load() {
		return now
	}
	if ctx.Value(standbyKey{}) != nil || now.index.Wasteful() || !f.mu.TryLock() {
		return nil
	}
	defer f.mu.Unlock()
	now, err := s.follow(ctx)
	if err != nil {
		return nil // the read itself will say what is wrong
	}
	return now
}

// keeps reports whether v may lie on the shelf; see there.
func (s *Store) keeps(v *Public) bool {
	return s.laws.Of(v.Petition) == nil && !v.Origin.ours() && v.State.Public() && !v.HideText
}

// ours reports whether a petition runs here, or is made up to.
func (o Origin) ours() bool { return o == Here || o == Replay }

// Shelve reads ahead what lists show of all petitions of other sites. Those
// that are not on the shelf are put there when a list first shows them.
func (s *Store) Shelve(ctx context.Context) error {
	now := s.shelved(ctx)
	if now == nil {
		return nil
	}
	conn, err := s.r.Conn(ctx)
	if err != nil {
		return s.d.classify(err)
	}
	defer conn.Close()
	// What is read now is at least as new as the slots that were given before.
	given := now.index.Given()
	rows, err := conn.QueryContext(ctx, `SELECT `+publicColumns+` FROM petitions p WHERE p.listed = 1 AND p.id IN (SELECT petition_id FROM imports)`)
	var v Public // one for all rows
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		v = Public{}
		if err := scanPublic(&v, scan); err != nil {
			return err
		}
		if slot := now.index.Slot(v.ID); slot < given && s.keeps(&v) {
			now.shelf.put(slot, &v)
		}
		return nil
	})
	if err == nil && s.d.name == sqlite.name {
		_, err = conn.ExecContext(ctx, `PRAGMA shrink_memory`) // pages that nobody will ask for
	}
	return s.d.classify(err)
}
