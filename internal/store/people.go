package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// person is a signature of a batch: who, and the key of their place.
type person struct {
	nullifier [16]byte
	place     int64
}

// What JSONB puts before an element: its type in the low half of a byte, its size
// in the high half, or in the bytes behind (https://sqlite.org/jsonb.html).
const (
	jsonbInt    = 0x3 // decimal digits
	jsonbRaw    = 0xa // text as it is: nothing is escaped, and nothing read into it
	jsonbObject = 0xc
	size8       = 0xc0 // the size is in one byte
	size32      = 0xe0 // in four
)

const (
	peopleHead = 5  // of the object
	personHead = 18 // a label with its head
)

// peopleOf is an object of JSONB: the key of a place by nullifier, whose 16
// bytes stand there as they are.
func peopleOf(people []person) []byte {
	b := make([]byte, peopleHead, peopleHead+28*len(people))
	for _, p := range people {
		b = append(append(b, size8|jsonbRaw, 16), p.nullifier[:]...)
		at := len(b)
		b = strconv.AppendInt(append(b, size8|jsonbInt, 0), p.place, 10)
		b[at+1] = byte(len(b) - at - 2)
	}
	b[0] = size32 | jsonbObject
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)-peopleHead))
	return b
}

// eachPerson reads those who are wanted of what peopleOf wrote, and nothing else.
func eachPerson(b []byte, wanted func(nullifier [16]byte) bool, f func(person)) error {
	return eachRaw(b, func(nullifier [16]byte, digits []byte) (more bool, err error) {
		if !wanted(nullifier) {
			return true, nil
		}
		place, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil {
			return false, fmt.Errorf("store: a recent signature: place: %w", err)
		}
		f(person{nullifier, place})
		return true, nil
	})
}

// findPerson is the place of somebody, if they are there. It reads no other's.
func findPerson(b []byte, who [16]byte) (place int64, there bool, err error) {
	err = eachRaw(b, func(nullifier [16]byte, digits []byte) (more bool, err error) {
		if nullifier != who {
			return true, nil
		}
		there = true
		place, err = strconv.ParseInt(string(digits), 10, 64)
		return false, err
	})
	return place, there, err
}

// eachRaw goes through what peopleOf wrote, until f wants no more: the nullifiers,
// and places as they stand there.
func eachRaw(b []byte, f func(nullifier [16]byte, digits []byte) (more bool, err error)) error {
	if len(b) < peopleHead || b[0] != size32|jsonbObject || int64(binary.BigEndian.Uint32(b[1:])) != int64(len(b)-peopleHead) {
		return fmt.Errorf("store: a row of recent signatures of %d bytes is none", len(b))
	}
	for b = b[peopleHead:]; len(b) > 0; {
		if len(b) < personHead+2 || b[0] != size8|jsonbRaw || b[1] != 16 || b[personHead] != size8|jsonbInt {
			return fmt.Errorf("store: a recent signature, %d bytes before the end of its row, is none", len(b))
		}
		end := personHead + 2 + int(b[personHead+1])
		if len(b) < end {
			return errors.New("store: a row of recent signatures ends in a place")
		}
		if more, err := f([16]byte(b[2:personHead]), b[personHead+2:end]); err != nil || !more {
			return err
		}
		b = b[end:]
	}
	return nil
}
