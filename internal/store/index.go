package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/petition"
)

// searchable are the words by which a petition is found; "" when it must not be.
func searchable(p petition.Petition) string {
	if !p.State.Public() || p.HideText {
		return ""
	}
	return search.Encode(p.Texts)
}

// index makes the search words of a petition follow its text; they are written
// at the end of the transaction.
func (tx *Tx) index(p petition.Petition) {
	if tx.words == nil {
		tx.words = make(map[petition.ID]string)
	}
	tx.words[p.ID] = searchable(p)
}

// saveWords writes what index was told. What was never public gets no row.
func (tx *Tx) saveWords() error {
	if len(tx.words) == 0 {
		return nil
	}
	seq, err := tx.next("search", 1)
	if err != nil {
		return err
	}
	const perStatement = 500
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(tx.words)), perStatement) {
		var args []any
		for _, id := range chunk {
			if words := tx.words[id]; words != "" {
				args = append(args, int64(id), seq, words)
				continue
			}
			if err := tx.exec(`UPDATE petition_words SET seq = $1, words = '' WHERE petition_id = $2`, seq, int64(id)); err != nil {
				return err
			}
		}
		if len(args) == 0 {
			continue
		}
		if err := tx.exec(`INSERT INTO petition_words (petition_id, seq, words) VALUES `+tx.d.tuples(len(args)/3, 3)+`
			ON CONFLICT (petition_id) DO UPDATE SET seq = excluded.seq, words = excluded.words`, args...); err != nil {
			return err
		}
	}
	tx.words = nil
	return nil
}

// fillWords makes the search words of all petitions where they are missing or
// were made by another version of package search. It is cut off safely: the
// version is noted last.
func (s *Store) fillWords(ctx context.Context) error {
	if have, err := s.Meta(ctx, searchVersion); err != nil || have == strconv.Itoa(search.Version) {
		return err
	}
	last := petition.ID(0)
	for more := true; more; {
		var next petition.ID
		err := s.write(ctx, func(tx *Tx) (err error) {
			next, err = tx.indexSome(last)
			return err
		})
		if err != nil {
			return err
		}
		more, last = next > last, next
	}
	return s.write(ctx, func(tx *Tx) error { return tx.indexedAnew() })
}

// searchVersion is the setting that names the version of the search words.
const searchVersion = "search_version"

// indexSome makes the words of the next petitions after last, and returns the
// last of them, or last when there are no more.
func (tx *Tx) indexSome(last petition.ID) (petition.ID, error) {
	const step = 500
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT `+recordColumns+` FROM petitions p
		WHERE p.id > $1 ORDER BY p.id LIMIT $2`, int64(last), step)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		p, err := scanRecord(scan)
		if err != nil {
			return err
		}
		tx.index(p)
		last = p.ID
		return nil
	})
	if err != nil {
		return last, err
	}
	return last, tx.saveWords()
}

// indexedAnew notes that all words are of this version, and tells every server
// to forget the index it has.
func (tx *Tx) indexedAnew() error {
	tx.bumped = true
	if err := tx.exec(`INSERT INTO meta (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, searchVersion, strconv.Itoa(search.Version)); err != nil {
		return err
	}
	seq, err := tx.next("search", 1)
	if err != nil {
		return err
	}
	return tx.exec(`UPDATE counters SET value = $1 WHERE name = 'search_anew'`, seq)
}

// follower is the index in memory and how far it has followed the database.
type follower struct {
	now       atomic.Pointer[followed] // nil until there is an index
	mu        sync.Mutex               // guards what follows, and changes of now
	seq, anew int64
}

// followed is the index, and the shelf beside it, as of a generation: nothing
// that was committed up to it is missing. The index has a lock of its own.
type followed struct {
	index      *search.Index
	shelf      *shelf
	generation int64 // that of the store before the look
}

// Searchable brings the index to the newest state of the texts. The first call
// reads them all; a server makes it before anybody searches.
func (s *Store) Searchable(ctx context.Context) error {
	_, err := s.searchIndex(ctx)
	return err
}

// WaitForIndex comes back when there is an index, and makes the first one if
// nobody does. A handler that searches calls it before it takes a place where
// pages are rendered: whoever does not search is not held up by it. What is
// wrong with the index the search itself will say.
func (s *Store) WaitForIndex(ctx context.Context) {
	if s.follower.now.Load() == nil {
		_ = s.Searchable(context.WithoutCancel(ctx))
	}
}

// searchIndex is the index as of now: everything that this process committed
// is in it, and what others did as far as PollGeneration knows of it.
func (s *Store) searchIndex(ctx context.Context) (*search.Index, error) {
	f := &s.follower
	if now := f.now.Load(); now != nil && now.generation >= s.gen.Load() {
		return now.index, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now, err := s.follow(ctx)
	if err != nil {
		return nil, err
	}
	return now.index, nil
}

// follow is what was followed, up to now. s.follower.mu is held.
func (s *Store) follow(ctx context.Context) (*followed, error) {
	f := &s.follower
	now, generation := f.now.Load(), s.gen.Load()
	if now != nil && now.generation >= generation {
		return now, nil
	}
	var seq, anew int64
	// The index follows the primary, whose commits these are.
	err := s.r.QueryRowContext(ctx, `SELECT max(CASE name WHEN 'search' THEN value END), max(CASE name WHEN 'search_anew' THEN value END)
		FROM counters WHERE name IN ('search', 'search_anew')`).Scan(&seq, &anew)
	if err != nil {
		return nil, s.d.classify(err)
	}
	next := &followed{generation: generation}
	switch {
	case now == nil || f.anew != anew || seq < f.seq || now.index.Wasteful():
		next.index, next.shelf = search.New(), newShelf()
		var last int64
		err := next.index.Load(func(put func(search.Doc)) (err error) {
			last, err = s.readWords(ctx, put, -1, `d.words <> ''`)
			return err
		})
		if err != nil {
			return nil, err
		}
		f.seq, f.anew = max(seq, last), anew
	case seq > f.seq:
		// seq is given in the order of commits: what is read later holds all before it.
		var docs []search.Doc
		last, err := s.readWords(ctx, func(d search.Doc) { docs = append(docs, d) }, f.seq, `d.words IS NOT NULL`)
		if err != nil {
			return nil, err
		}
		next.index, next.shelf = now.index, now.shelf
		next.index.Put(docs...)
		f.seq = max(seq, last)
	default:
		next.index, next.shelf = now.index, now.shelf
	}
	f.now.Store(next)
	return next, nil
}

// readWords puts the rows after a seq that fulfil a condition, and returns the
// highest seq among them, after if there are none.
func (s *Store) readWords(ctx context.Context, put func(search.Doc), after int64, where string) (int64, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT d.petition_id, d.seq, d.words, COALESCE(p.number, 0), p.opened_at
		FROM petition_words d JOIN petitions p ON p.id = d.petition_id WHERE d.seq > $1 AND `+where, after)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var d search.Doc
		var seq int64
		var opened sql.NullString
		if err := scan(&d.ID, &seq, &d.Words, &d.Number, &opened); err != nil {
			return err
		}
		at, err := parseStampOrZero(opened)
		if !at.IsZero() {
			d.Opened = at.UnixMilli()
		}
		after = max(after, seq)
		put(d)
		return err
	})
	return after, err
}

// searchList is a page of what a search finds, in the order of relevance
// unless the reader chose another one.
func (s *Store) searchList(ctx context.Context, q ListQuery) (ListPage, error) {
	index, err := s.searchIndex(ctx)
	if err != nil {
		return ListPage{}, err
	}
	query := search.Parse(q.Search)
	narrow := q
	narrow.Search, narrow.Sort, narrow.Limit, narrow.Offset = "", "", 0, 0
	var page ListPage
	if q.Sort == "" && narrow.everything() {
		page.Found = index.Search(query, q.Offset, q.Limit)
	} else if page.Found, err = s.narrowed(ctx, index.Search(query, 0, search.All), q); err != nil {
		return page, err
	}
	page.Total = page.Found.Total
	page.Items, err = s.publicByIDs(ctx, page.Found.IDs, q.Imported)
	// Between the look at the index and that at the rows one may have been hidden.
	page.Items = slices.DeleteFunc(page.Items, func(v Public) bool { return !v.State.Public() || v.HideText })
	return page, err
}

// everything reports whether nothing narrows the list down.
func (q ListQuery) everything() bool {
	return q.Facet == FacetAll && q.Archived == nil && q.Stage == "" && q.Body == "" && q.Place == "" && q.Topic == "" &&
		q.Lang == "" && len(q.Parliaments) == 0 && q.DueBefore.IsZero()
}

// narrowed keeps of what was found what the list holds, in the list's order
// where one was chosen, and cuts the page out.
func (s *Store) narrowed(ctx context.Context, r search.Result, q ListQuery) (search.Result, error) {
	rank := make(map[petition.ID]int, len(r.IDs))
	for i, id := range r.IDs {
		rank[id] = i
	}
	where, args, err := s.listWhere(q)
	if err != nil || len(r.IDs) == 0 {
		return search.Result{Marks: r.Marks, Instead: r.Instead, Try: r.Try}, err
	}
	args = append(args, idList(s.d, r.IDs))
	query := `SELECT p.id FROM ` + s.d.fromFound() + ` WHERE ` + where + ` AND p.id IN ` + s.d.among(len(args))
	if q.Sort != "" {
		query += ` ORDER BY ` + sorts[q.Sort]
	}
	ids, err := s.ids(ctx, query, args...)
	if err != nil {
		return r, err
	}
	if q.Sort == "" {
		slices.SortFunc(ids, func(a, b petition.ID) int { return rank[a] - rank[b] })
	}
	r.Total = len(ids)
	from := min(max(q.Offset, 0), len(ids))
	to := len(ids)
	if q.Limit != search.All {
		to = min(from+q.Limit, to)
	}
	r.IDs = ids[from:to]
	return r, nil
}

// Similar are open petitions that share words with a text, the closest first,
// in one language or, for "", in any.
func (s *Store) Similar(ctx context.Context, text string, l petition.Lang, limit int) ([]Public, error) {
	index, err := s.searchIndex(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.narrowed(ctx, search.Result{IDs: index.Similar(text)}, ListQuery{Facet: FacetOpen, Lang: l, Limit: limit})
	if err != nil {
		return nil, err
	}
	return s.publicByIDs(ctx, r.IDs, false)
}

// Completions are queries that end in a word which begins with the last one of text.
func (s *Store) Completions(ctx context.Context, text string, limit int) ([]string, error) {
	index, err := s.searchIndex(ctx)
	if err != nil {
		return nil, err
	}
	return index.Completions(text, limit), nil
}

// idList is ids as one parameter, for among.
func idList[T ~int64](d dialect, ids []T) string {
	b := []byte{d.brackets[0]}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return string(append(b, d.brackets[1]))
}

// searchWords and searchText are the words of the desk, which looks through
// what is not public by their beginnings.
func searchWords(text string) []string { return search.Words(text) }

func searchText(texts petition.Texts) (title, body string) {
	var titles, bodies []string
	for _, l := range slices.Sorted(maps.Keys(texts)) {
		t := texts[l]
		titles = append(titles, t.Title)
		bodies = append(bodies, t.Ask, t.Details)
	}
	words := func(parts []string) string { return strings.Join(search.Words(strings.Join(parts, "\n")), " ") }
	return words(titles), words(bodies)
}
