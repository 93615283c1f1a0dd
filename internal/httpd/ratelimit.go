package httpd

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Rule is one rate: PerSecond on average, Burst at once.
type Rule struct {
	PerSecond float64
	Burst     int
}

// The rules by name. Those per prefix are generous: a mobile carrier puts many
// thousand people behind one IPv4 /24, and a whole town may sign in one evening.
const (
	RuleSign     = "sign"     // sign and withdraw forms, per prefix
	RuleStart    = "start"    // start forms, per prefix
	RuleLetter   = "letter"   // letters to one address, per keyed hash of the address
	RulePetition = "petition" // sign forms of one petition
	RuleConfirm  = "confirm"  // confirmations, per prefix
	RuleLogin    = "login"    // staff login, per prefix
	RuleSearch   = "search"   // search and lists with filters, per prefix
	RuleSuggest  = "suggest"  // what is offered while somebody types, per prefix
	RuleComplain = "complain" // complaints and demands, per prefix
	RuleExport   = "export"   // whole lists at once, per prefix
)

// DefaultRules are the rates of a country-wide site. Each is far above what
// people do, and below what harms: 5 sign forms a second is 18,000 an hour
// from one /24, with room for 300 at the moment a broadcast names the page.
func DefaultRules() map[string]Rule {
	return map[string]Rule{
		RuleSign:     {5, 300},
		RuleStart:    {0.1, 20},
		RuleLetter:   {0.05, 5},
		RulePetition: {3000, 6000},
		RuleConfirm:  {50, 1000},
		RuleLogin:    {1, 10},
		RuleSearch:   {20, 200},
		RuleSuggest:  {60, 600},
		RuleComplain: {0.2, 20},
		RuleExport:   {1, 60},
	}
}

const (
	limiterShards = 64
	// shardMax bounds memory: 64 x 2048 buckets are about 25 MB.
	shardMax = 2048
	// keyLife is how long one hashing key is used. Then it is overwritten, and
	// with it goes every way to tell whether an address was here.
	keyLife = 24 * time.Hour
)

type bucketKey [16]byte

type bucket struct {
	rate   *rate.Limiter
	fullAt time.Time // untouched until then it is full again, as good as absent
}

// Limiter holds token buckets by rule and key. Keys are kept only as HMAC under
// a random key that changes daily; all buckets are forgotten with it. A nil
// Limiter allows everything. Safe for concurrent use.
type Limiter struct {
	rules map[string]Rule
	now   func() time.Time
	rand  io.Reader
	among atomic.Int64 // servers that share the rates; see Share

	mu      sync.RWMutex // guards secret and changes; taken before a shard's
	secret  [32]byte
	changes time.Time // when secret is replaced

	shards [limiterShards]struct {
		mu      sync.Mutex
		buckets map[bucketKey]bucket
	}
}

// NewLimiter makes a Limiter. It fails when randomness does, or a rule allows nothing.
func NewLimiter(rules map[string]Rule, now func() time.Time, rand io.Reader) (*Limiter, error) {
	for name, r := range rules {
		if r.PerSecond <= 0 || r.Burst < 1 {
			return nil, fmt.Errorf("httpd: rule %q allows nothing", name)
		}
	}
	l := &Limiter{rules: rules, now: now, rand: rand}
	return l, l.replaceKey(now())
}

// replaceKey forgets every bucket. The caller holds mu, or is the only one.
func (l *Limiter) replaceKey(now time.Time) error {
	if _, err := io.ReadFull(l.rand, l.secret[:]); err != nil {
		return fmt.Errorf("httpd: key of the limiter: %w", err)
	}
	l.changes = now.Add(keyLife)
	for i := range l.shards {
		s := &l.shards[i]
		s.mu.Lock()
		s.buckets = make(map[bucketKey]bucket)
		s.mu.Unlock()
	}
	return nil
}

// Share divides every rate by the number of servers that answer for this site,
// so that together they allow what one alone would. Nobody writes down who came
// where: a network's requests are spread over the servers by the balancer.
func (l *Limiter) Share(servers int) {
	if l != nil {
		l.among.Store(int64(max(1, servers)))
	}
}

// shared is the part of a rule that is this server's.
func (l *Limiter) shared(r Rule) Rule {
	n := max(1, l.among.Load())
	return Rule{PerSecond: r.PerSecond / float64(n), Burst: (r.Burst + int(n) - 1) / int(n)}
}

// Allow takes one token from the bucket of key under rule. When there is none
// it says how long until the next. A rule that does not exist refuses, so that
// a misspelt name shows in the first test.
func (l *Limiter) Allow(rule string, key []byte) (ok bool, retryAfter time.Duration) {
	if l == nil {
		return true, 0
	}
	r, known := l.rules[rule]
	if !known {
		return false, time.Minute
	}
	r = l.shared(r)
	now := l.now()
	k := l.hash(now, rule, key)
	s := &l.shards[k[0]%limiterShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.buckets[k]
	if !ok {
		if len(s.buckets) >= shardMax {
			evict(s.buckets, now)
		}
		b.rate = rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
	} else if b.rate.Burst() != r.Burst || b.rate.Limit() != rate.Limit(r.PerSecond) { // another number of servers
		b.rate.SetLimitAt(now, rate.Limit(r.PerSecond))
		b.rate.SetBurstAt(now, r.Burst)
	}
	res := b.rate.ReserveN(now, 1)
	wait := res.DelayFrom(now)
	if wait > 0 {
		res.CancelAt(now)
	}
	missing := float64(r.Burst) - b.rate.TokensAt(now)
	b.fullAt = now.Add(time.Duration(missing / r.PerSecond * float64(time.Second)))
	s.buckets[k] = b
	return wait <= 0, wait
}

// hash names a bucket. It replaces the key first when its day is over; should
// randomness fail then, the old one serves on until it works again.
func (l *Limiter) hash(now time.Time, rule string, key []byte) (k bucketKey) {
	l.mu.RLock()
	secret, due := l.secret, !now.Before(l.changes)
	l.mu.RUnlock()
	if due {
		l.mu.Lock()
		if !now.Before(l.changes) {
			_ = l.replaceKey(now)
		}
		secret = l.secret
		l.mu.Unlock()
	}
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte(rule))
	mac.Write([]byte{0})
	mac.Write(key)
	var sum [sha256.Size]byte
	copy(k[:], mac.Sum(sum[:0]))
	return k
}

// evict makes room: every bucket that is full again, or else, of a few, the
// one that will be full first. Whoever fills the map from many networks gains
// no more than those networks' own bursts.
func evict(buckets map[bucketKey]bucket, now time.Time) {
	var victim bucketKey
	var first time.Time
	seen := 0
	for k, b := range buckets {
		if !b.fullAt.After(now) {
			delete(buckets, k)
			continue
		}
		if seen++; seen <= 8 && (first.IsZero() || b.fullAt.Before(first)) {
			victim, first = k, b.fullAt
		}
	}
	if len(buckets) >= shardMax {
		delete(buckets, victim)
	}
}

// PrefixKey is the network of an address as a key for Allow: /24 of IPv4, /56
// of IPv6. It is in clear; keep it no longer than the request.
func PrefixKey(addr netip.Addr) []byte {
	if p := networkOf(addr); p.IsValid() {
		return p.Addr().AsSlice()
	}
	return nil // the zero Addr: everyone without an address shares a bucket
}

// networkOf is the network of an address, as PrefixKey has it; not valid for the zero Addr.
func networkOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap()
	bits := 56
	if addr.Is4() {
		bits = 24
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// AllowClient takes one token of the client's network under rule. Its error is
// ErrRateLimited with the time to wait.
func (s *Server) AllowClient(r *http.Request, rule string) error {
	if s.limiter == nil {
		return nil
	}
	return s.AllowKey(rule, PrefixKey(s.ClientAddr(r)))
}

// AllowKey is AllowClient for another key: the keyed hash of an address, the
// id of a petition.
func (s *Server) AllowKey(rule string, key []byte) error {
	ok, wait := s.limiter.Allow(rule, key)
	if ok {
		return nil
	}
	return RetryAfter(fmt.Errorf("%w: rule %s", ErrRateLimited, rule), wait)
}

// Share divides the rates among so many servers; see Limiter.Share.
func (s *Server) Share(servers int) { s.limiter.Share(servers) }

// Limited reports whether rates, puzzles and dwell times are on.
func (s *Server) Limited() bool { return s.limiter != nil }
