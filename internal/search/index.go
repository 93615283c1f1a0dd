package search

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/dauys/dauys/petition"
)

// Index knows which petition has which word. It is safe for concurrent use.
//
// A petition has a slot; when its text changes it gets a new one and the old
// one is dead, so that the lists of slots only ever grow at their end. Whoever
// feeds the index makes a new one when Wasteful says so.
type Index struct {
	mu sync.RWMutex // guards everything below

	words  []entry
	sets   []uint64 // of each word, the letters of what may be mistyped: its text when it is plain, else its sound
	byWord [langs]map[string]int32
	forms  map[string][]int32 // of a key of formKeys
	sounds map[string][]int32 // of a sound
	roots  map[string][]int32 // of the sound of a key, of words that are not all ASCII
	abc    []int32            // all words by their letters
	heard  []int32            // all words by their sound

	docs    []doc
	slots   map[petition.ID]int32
	numbers map[int64]petition.ID

	scratch sync.Pool // of *scratch; needs no lock
}

// entry is a word of one language.
type entry struct {
	text  string
	sound string
	plain bool // all ASCII: then it is its letters that may be mistyped, else its sound
	l     lang
	keys  []string
	slots []byte // pairs of (distance to the slot before, field), as varints of both
	last  int32  // slot in slots
}

// doc is a petition.
type doc struct {
	id     petition.ID
	number int64
	opened int64 // when it opened, in milliseconds; 0 for never
	dead   bool
}

// New makes an empty index.
func New() *Index {
	x := &Index{forms: map[string][]int32{}, sounds: map[string][]int32{}, roots: map[string][]int32{},
		slots: map[petition.ID]int32{}, numbers: map[int64]petition.ID{}}
	for l := range x.byWord {
		x.byWord[l] = map[string]int32{}
	}
	return x
}

// Doc is a petition for the index. Words is what Encode wrote; "" takes the
// petition out.
type Doc struct {
	ID     petition.ID
	Number int64
	Opened int64 // in milliseconds since 1970; 0 for never
	Words  string
}

// Put brings petitions in, in their newest state.
func (x *Index) Put(docs ...Doc) {
	_ = x.Load(func(put func(Doc)) error {
		for _, d := range docs {
			put(d)
		}
		return nil
	})
}

// Load brings in what read puts, of many petitions sooner than one by one.
// Nobody searches meanwhile.
func (x *Index) Load(read func(put func(Doc)) error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	old := len(x.words)
	err := read(x.put)
	x.order(old)
	return err
}

func (x *Index) put(d Doc) {
	if s, ok := x.slots[d.ID]; ok {
		x.docs[s].dead = true
		delete(x.numbers, x.docs[s].number)
		delete(x.slots, d.ID)
	}
	if d.Words == "" {
		return
	}
	slot := int32(len(x.docs))
	x.docs = append(x.docs, doc{id: d.ID, number: d.Number, opened: d.Opened})
	x.slots[d.ID], x.numbers[d.Number] = slot, d.ID
	eachWord(d.Words, func(l lang, at Field, word string) {
		e := &x.words[x.word(l, word)]
		if e.last == slot && len(e.slots) > 0 {
			return // the better field came first
		}
		e.slots = binary.AppendUvarint(e.slots, uint64(slot-e.last)*uint64(fields)+uint64(at))
		e.last = slot
	})
}

// word is the number of a word, which is entered when it is new.
func (x *Index) word(l lang, text string) int32 {
	if n, ok := x.byWord[l][text]; ok {
		return n
	}
	n := int32(len(x.words))
	text = strings.Clone(text) // not the whole text it was cut from
	e := entry{text: text, l: l, keys: formKeys(l, text), sound: sound(text), plain: isPlain(text)}
	mistyped := e.sound
	if e.plain {
		mistyped = text
	}
	x.sets = append(x.sets, letters(mistyped))
	x.sounds[e.sound] = append(x.sounds[e.sound], n)
	for _, k := range e.keys {
		x.forms[k] = append(x.forms[k], n)
		if root := sound(k[1:]); !e.plain && (root != e.sound || len(e.keys) == 1) {
			x.roots[root] = append(x.roots[root], n)
		}
	}
	x.words = append(x.words, e)
	x.byWord[l][text] = n
	return n
}

// order puts the words behind the first old ones into abc and heard.
func (x *Index) order(old int) {
	fresh := make([]int32, 0, len(x.words)-old)
	for n := old; n < len(x.words); n++ {
		fresh = append(fresh, int32(n))
	}
	x.abc, x.heard = x.merged(x.abc, fresh, byText), x.merged(x.heard, fresh, bySound)
}

// merged brings fresh words into a list that is in the order of key.
func (x *Index) merged(list, fresh []int32, key func(*entry) string) []int32 {
	compare := func(a, b int32) int { return strings.Compare(key(&x.words[a]), key(&x.words[b])) }
	if len(fresh) > len(list)/64 {
		list = append(list, fresh...)
		slices.SortFunc(list, compare)
		return list
	}
	for _, n := range fresh {
		at, _ := slices.BinarySearchFunc(list, n, compare)
		list = slices.Insert(list, at, n)
	}
	return list
}

// Wasteful reports whether much of the index is about former texts.
func (x *Index) Wasteful() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.docs)-len(x.slots) > len(x.slots)/4+1000
}

// Len is how many petitions can be found.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.slots)
}

// Slot is where the index has a petition now, -1 for nowhere. A petition gets a
// slot that nothing had before whenever it is put in.
func (x *Index) Slot(id petition.ID) int32 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if s, ok := x.slots[id]; ok {
		return s
	}
	return -1
}

// Given is how many slots were given so far: those below it.
func (x *Index) Given() int32 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return int32(len(x.docs))
}

// each calls f for every living petition that has the word, in slot order.
func (x *Index) each(n int32, f func(slot int32, at Field)) {
	slot := int32(0)
	for b := x.words[n].slots; len(b) > 0; {
		v, size := binary.Uvarint(b)
		b = b[size:]
		slot += int32(v / uint64(fields))
		if !x.docs[slot].dead {
			f(slot, Field(v%uint64(fields)))
		}
	}
}

// has is how many petitions have the word.
func (x *Index) has(n int32) (count int) {
	x.each(n, func(int32, Field) { count++ })
	return count
}

// beginning calls f for the words of list that begin with prefix by key.
func (x *Index) beginning(list []int32, prefix string, key func(*entry) string, f func(n int32)) {
	at, _ := slices.BinarySearchFunc(list, prefix, func(n int32, p string) int { return strings.Compare(key(&x.words[n]), p) })
	for _, n := range list[at:] {
		if !strings.HasPrefix(key(&x.words[n]), prefix) {
			return
		}
		f(n)
	}
}

func byText(e *entry) string { return e.text }

func bySound(e *entry) string { return e.sound }
