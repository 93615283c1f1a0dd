package imports

import (
	"bytes"
	"testing"
)

func benchmark(b *testing.B, path string) {
	in := open(b, path)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range Read(bytes.NewReader(in), "x") {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkList(b *testing.B)     { benchmark(b, realList) }
func BenchmarkDocument(b *testing.B) { benchmark(b, realDocument) }
