package httpd

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/iotest"
	"time"
)

func limiter(t *testing.T, now *time.Time, rules map[string]Rule) *Limiter {
	t.Helper()
	l, err := NewLimiter(rules, func() time.Time { return *now }, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAllow(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	l := limiter(t, &now, map[string]Rule{"start": {0.1, 3}, "other": {1, 1}})
	key := []byte("somebody")
	for i := range 3 {
		if ok, _ := l.Allow("start", key); !ok {
			t.Fatalf("refused at %d of the burst", i)
		}
	}
	for range 5 { // a refusal costs nothing, so the wait does not grow
		if ok, wait := l.Allow("start", key); ok || wait != 10*time.Second {
			t.Fatalf("over the burst: %v, wait %v", ok, wait)
		}
	}
	if ok, _ := l.Allow("other", key); !ok {
		t.Error("rules share a bucket")
	}
	if ok, _ := l.Allow("start", []byte("somebody else")); !ok {
		t.Error("keys share a bucket")
	}
	now = now.Add(10 * time.Second)
	if ok, _ := l.Allow("start", key); !ok {
		t.Error("still refused after the wait it named")
	}
	if ok, wait := l.Allow("misspelt", key); ok || wait == 0 {
		t.Error("a rule that does not exist allows")
	}
	if ok, _ := (*Limiter)(nil).Allow("start", key); !ok {
		t.Error("switched off, it refuses")
	}
}

// Servers share a rate, however many there are, and while their number changes.
func TestShare(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	rules := map[string]Rule{"sign": {5, 300}, "rare": {0.1, 2}}
	for _, servers := range []int{0, 1, 2, 3, 7} {
		total := 0
		for range max(1, servers) {
			l := limiter(t, &now, rules)
			l.Share(servers)
			for range 400 {
				if ok, _ := l.Allow("sign", []byte("network")); ok {
					total++
				}
			}
			if ok, _ := l.Allow("rare", []byte("network")); !ok {
				t.Errorf("%d servers: the share of a small rule lets nobody through", servers)
			}
		}
		if total < 300 || total > 306 {
			t.Errorf("%d servers let %d through, want 300", servers, total)
		}
	}
	l := limiter(t, &now, rules)
	for range 300 {
		l.Allow("sign", []byte("network"))
	}
	l.Share(2)
	if ok, wait := l.Allow("sign", []byte("network")); ok || wait != 400*time.Millisecond {
		t.Errorf("a second server came: %v, wait %s", ok, wait)
	}
	now = now.Add(time.Hour)
	l.Share(1)
	n := 0
	for range 400 {
		if ok, _ := l.Allow("sign", []byte("network")); ok {
			n++
		}
	}
	if n < 150 || n > 300 {
		t.Errorf("the other one left: %d let through at once", n)
	}
	(*Limiter)(nil).Share(3)
}

func TestDailyKeyForgetsEverything(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	l := limiter(t, &now, map[string]Rule{"letter": {1e-9, 1}})
	first := l.hash(now, "letter", []byte("k"))
	l.Allow("letter", []byte("k"))
	if ok, _ := l.Allow("letter", []byte("k")); ok {
		t.Fatal("the bucket did not empty")
	}
	now = now.Add(keyLife)
	if ok, _ := l.Allow("letter", []byte("k")); !ok {
		t.Error("yesterday is remembered")
	}
	if l.hash(now, "letter", []byte("k")) == first {
		t.Error("the key did not change")
	}
	n := 0
	for i := range l.shards {
		n += len(l.shards[i].buckets)
	}
	if n != 1 {
		t.Errorf("%d buckets, want the one of today", n)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	l := limiter(t, &now, map[string]Rule{"search": {1, 2}})
	var key [8]byte
	for i := range uint64(limiterShards*shardMax + 20_000) {
		binary.BigEndian.PutUint64(key[:], i)
		l.Allow("search", key[:])
	}
	n := 0
	for i := range l.shards {
		n += len(l.shards[i].buckets)
	}
	if n > limiterShards*shardMax {
		t.Errorf("%d buckets", n)
	}
	now = now.Add(time.Hour) // all are full again and make room
	for i := range uint64(limiterShards * 100) {
		binary.BigEndian.PutUint64(key[:], i<<32)
		l.Allow("search", key[:])
	}
	n = 0
	for i := range l.shards {
		n += len(l.shards[i].buckets)
	}
	if n > limiterShards*shardMax/2 {
		t.Errorf("%d buckets are left of which most are full", n)
	}
}

func TestNewLimiterRefuses(t *testing.T) {
	now := func() time.Time { return time.Time{} }
	if _, err := NewLimiter(map[string]Rule{"x": {0, 5}}, now, rand.Reader); err == nil {
		t.Error("a rule without a rate")
	}
	if _, err := NewLimiter(DefaultRules(), now, iotest.ErrReader(errors.New("no entropy"))); err == nil {
		t.Error("no randomness")
	}
}

func TestPrefixKey(t *testing.T) {
	same := [][2]string{{"203.0.113.1", "203.0.113.254"}, {"2001:db8:1:100::1", "2001:db8:1:1ff::2"}, {"::ffff:203.0.113.9", "203.0.113.1"}}
	for _, p := range same {
		if !bytes.Equal(PrefixKey(netip.MustParseAddr(p[0])), PrefixKey(netip.MustParseAddr(p[1]))) {
			t.Errorf("%v differ", p)
		}
	}
	differ := [][2]string{{"203.0.113.1", "203.0.114.1"}, {"2001:db8:1:100::1", "2001:db8:1:200::1"}}
	for _, p := range differ {
		if bytes.Equal(PrefixKey(netip.MustParseAddr(p[0])), PrefixKey(netip.MustParseAddr(p[1]))) {
			t.Errorf("%v are one", p)
		}
	}
	if PrefixKey(netip.Addr{}) != nil {
		t.Error("the zero address has a network")
	}
}

func TestAllowClient(t *testing.T) {
	s, _ := testServer(t, func(o *Options) {
		o.Limits, o.Rules = true, map[string]Rule{RuleLogin: {0.5, 1}}
	})
	r := httptest.NewRequest("POST", "/", nil)
	r.RemoteAddr = "203.0.113.5:1"
	if err := s.AllowClient(r, RuleLogin); err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "203.0.113.6:1"
	err := s.AllowClient(r, RuleLogin)
	if p := Classify(err); p.Status != 429 || p.RetryAfter <= time.Second || p.RetryAfter > 2*time.Second {
		t.Errorf("neighbour: %v, %+v", err, p)
	}
	off, _ := testServer(t, nil)
	for range 100 {
		if err := off.AllowClient(r, RuleLogin); err != nil || off.Limited() {
			t.Fatalf("limits off: %v", err)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	l, err := NewLimiter(DefaultRules(), time.Now, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	key := PrefixKey(netip.MustParseAddr("203.0.113.5"))
	b.ReportAllocs()
	for b.Loop() {
		l.Allow(RulePetition, key)
	}
}
