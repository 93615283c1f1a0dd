package store

import (
	"encoding/binary"

	"github.com/dauys/dauys/petition"
)

// recentIndex has the id of a row of recent by petition and the first eight bytes of
// the nullifier. Those are a hash, so that the first of their bits spread people
// evenly over the buckets, in each of which some hundred are looked through: 16 bytes
// and their room for somebody, where a map takes 36.
type recentIndex struct {
	first     int64                  // ids are above it
	petitions map[petition.ID]uint32 // their numbers in entries
	buckets   [][]recentEntry
	n         int
}

// bucketBits of the eight bytes are the number of a bucket.
const bucketBits = 14

type recentEntry struct {
	short    uint64
	petition uint32
	row      uint32 // its id, less first
}

func short(nullifier [16]byte) uint64 { return binary.BigEndian.Uint64(nullifier[:]) }

// put takes in a row; rows come by ids that grow.
func (x *recentIndex) put(a appendedRow) error {
	if x.buckets == nil {
		x.first, x.petitions, x.buckets = a.id-1, make(map[petition.ID]uint32), make([][]recentEntry, 1<<bucketBits)
	}
	p := x.petition(a.of)
	return eachRaw(a.people, func(nullifier [16]byte, _ []byte) (bool, error) {
		x.add(recentEntry{short(nullifier), p, uint32(a.id - x.first)})
		return true, nil
	})
}

func (x *recentIndex) petition(id petition.ID) uint32 {
	p, ok := x.petitions[id]
	if !ok {
		p = uint32(len(x.petitions))
		x.petitions[id] = p
	}
	return p
}

func (x *recentIndex) add(e recentEntry) {
	b := &x.buckets[e.short>>(64-bucketBits)]
	if len(*b) == cap(*b) { // append would double them
		grown := make([]recentEntry, len(*b), len(*b)+len(*b)/8+4)
		copy(grown, *b)
		*b = grown
	}
	*b = append(*b, e)
	x.n++
}

// find is the row somebody would be in, the last one of several, and 0 for none.
func (x *recentIndex) find(k sigKey) int64 {
	p, ok := x.petitions[k.petition]
	if !ok {
		return 0
	}
	s := short(k.nullifier)
	var row uint32
	for _, e := range x.buckets[s>>(64-bucketBits)] {
		if e.short == s && e.petition == p {
			row = e.row
		}
	}
	if row == 0 {
		return 0
	}
	return x.first + int64(row)
}

// join takes in those of y, who came later.
func (x *recentIndex) join(y recentIndex) {
	numbers := make([]uint32, len(y.petitions)) // of x, by those of y
	for id, p := range y.petitions {
		numbers[p] = x.petition(id)
	}
	behind := uint32(y.first - x.first)
	for _, b := range y.buckets {
		for _, e := range b {
			x.add(recentEntry{e.short, numbers[e.petition], e.row + behind})
		}
	}
}
