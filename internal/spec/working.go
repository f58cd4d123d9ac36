package spec

import (
	"fmt"
	"math/big"
	"strings"
)

// calculate works an expression of + - * × / ( ) and plain decimals out,
// exactly, and rounds it half away from zero to so many decimals.
func calculate(text string, decimals int) (string, error) {
	c := calculator{rest: strings.TrimSpace(text)}
	v, err := c.sum()
	if err == nil && c.rest != "" {
		err = fmt.Errorf("what is %q?", c.rest)
	}
	if err != nil {
		return "", fmt.Errorf("the working %q: %w", text, err)
	}
	return round(v, decimals), nil
}

// round is v at so many decimals, half away from zero. It is not the engine's.
func round(v *big.Rat, decimals int) string {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	n := new(big.Int).Mul(new(big.Int).Abs(v.Num()), unit)
	n.Lsh(n, 1).Add(n, v.Denom()) // 2n + d over 2d, cut
	n.Quo(n, new(big.Int).Lsh(v.Denom(), 1))
	if v.Sign() < 0 {
		n.Neg(n)
	}
	return new(big.Rat).SetFrac(n, unit).FloatString(decimals)
}

// decimals are how many an amount has.
func decimals(amount string) int {
	_, after, _ := strings.Cut(plain(amount), ".")
	return len(after)
}

// plain is an amount as a number: without pounds, brackets and plus sign.
func plain(amount string) string {
	return strings.NewReplacer("£", "", "(", "", ")", "", "+", "").Replace(amount)
}

type calculator struct{ rest string }

// take takes one of some signs from the front.
func (c *calculator) take(signs ...string) string {
	for _, s := range signs {
		if after, ok := strings.CutPrefix(c.rest, s); ok {
			c.rest = strings.TrimLeft(after, " ")
			return s
		}
	}
	return ""
}

func (c *calculator) sum() (*big.Rat, error) {
	v, err := c.product()
	for err == nil {
		sign := c.take("+", "-", "−")
		if sign == "" {
			return v, nil
		}
		var w *big.Rat
		if w, err = c.product(); err != nil {
			break
		}
		if sign == "+" {
			v = new(big.Rat).Add(v, w)
		} else {
			v = new(big.Rat).Sub(v, w)
		}
	}
	return nil, err
}

func (c *calculator) product() (*big.Rat, error) {
	v, err := c.number()
	for err == nil {
		sign := c.take("*", "×", "/", "÷")
		if sign == "" {
			return v, nil
		}
		var w *big.Rat
		if w, err = c.number(); err != nil {
			break
		}
		switch {
		case sign == "*" || sign == "×":
			v = new(big.Rat).Mul(v, w)
		case w.Sign() == 0:
			return nil, fmt.Errorf("division by zero")
		default:
			v = new(big.Rat).Quo(v, w)
		}
	}
	return nil, err
}

func (c *calculator) number() (*big.Rat, error) {
	if c.take("-", "−") != "" {
		v, err := c.number()
		if err != nil {
			return nil, err
		}
		return v.Neg(v), nil
	}
	if c.take("(") != "" {
		v, err := c.sum()
		if err == nil && c.take(")") == "" {
			err = fmt.Errorf("a bracket is not closed")
		}
		return v, err
	}
	n := 0
	for n < len(c.rest) && (c.rest[n] >= '0' && c.rest[n] <= '9' || c.rest[n] == '.') {
		n++
	}
	v, ok := new(big.Rat).SetString(c.rest[:n])
	if !ok {
		return nil, fmt.Errorf("a number is wanted at %q", c.rest)
	}
	c.rest = strings.TrimLeft(c.rest[n:], " ")
	return v, nil
}
