;; Goes through the inside of a JSON string, sixteen bytes at a time. scripts/generateStringScan.ts
;; makes stringScanModule.ts of it; src/responses/stringScan.ts uses it and says what it gives.
(module
  ;; A window of 64 KB on the body; what is loaded behind its end is not looked at.
  (memory (export "memory") 2)

  ;; Bits: 1 there may be a byte above 0x7f; 2 something that JSON.stringify does not write so.
  (global $seen (export "seen") (mut i32) (i32.const 0))

  (func (export "walk") (param $at i32) (param $end i32) (result i32)
    (local $bytes v128) (local $all v128) (local $stops i32) (local $byte i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $bytes (v128.load (local.get $at)))
        (local.set $all (v128.or (local.get $all) (local.get $bytes)))
        ;; One bit for each quote, backslash and control character.
        (local.set $stops
          (i8x16.bitmask
            (v128.or
              (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 0x20)))
              (v128.or
                (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x22)))
                (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x5c)))))))
        (if (i32.eqz (local.get $stops))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br $next)))
        (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $stops))))
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (br_if $done (i32.eq (local.get $byte) (i32.const 0x22)))
        (if (i32.ne (local.get $byte) (i32.const 0x5c))
          (then
            (call $note (i32.const 2))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $next)))
        ;; An escape takes up to six bytes: the next window begins with one that may go beyond this.
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 6)) (local.get $end)))
        (if (i32.eqz (call $canonical (local.get $at)))
          (then (call $note (i32.const 2))))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (br $next)))
    (if (i8x16.bitmask (local.get $all))
      (then (call $note (i32.const 1))))
    (select (local.get $end) (local.get $at) (i32.gt_u (local.get $at) (local.get $end))))

  (func $note (param $bit i32)
    (global.set $seen (i32.or (global.get $seen) (local.get $bit))))

  ;; Whether JSON.stringify writes the escape at $at so: \" \\ \b \f \n \r \t, and \u00xx in lower
  ;; case for the control characters that have no letter.
  (func $canonical (param $at i32) (result i32)
    (local $letter i32) (local $third i32) (local $fourth i32)
    (local.set $letter (i32.load8_u offset=1 (local.get $at)))
    (if (i32.ne (local.get $letter) (i32.const 0x75))
      (then
        (return
          (i32.or
            (i32.or
              (i32.or (i32.eq (local.get $letter) (i32.const 0x6e)) (i32.eq (local.get $letter) (i32.const 0x22)))
              (i32.or (i32.eq (local.get $letter) (i32.const 0x5c)) (i32.eq (local.get $letter) (i32.const 0x74))))
            (i32.or
              (i32.eq (local.get $letter) (i32.const 0x72))
              (i32.or (i32.eq (local.get $letter) (i32.const 0x62)) (i32.eq (local.get $letter) (i32.const 0x66))))))))
    (if (i32.ne (i32.load16_u offset=2 (local.get $at)) (i32.const 0x3030))
      (then (return (i32.const 0))))
    (local.set $third (i32.sub (i32.load8_u offset=4 (local.get $at)) (i32.const 0x30)))
    (if (i32.gt_u (local.get $third) (i32.const 1))
      (then (return (i32.const 0))))
    (local.set $fourth (i32.load8_u offset=5 (local.get $at)))
    (local.set $fourth
      (if (result i32) (i32.lt_u (i32.sub (local.get $fourth) (i32.const 0x30)) (i32.const 10))
        (then (i32.sub (local.get $fourth) (i32.const 0x30)))
        (else
          (if (result i32) (i32.lt_u (i32.sub (local.get $fourth) (i32.const 0x61)) (i32.const 6))
            (then (i32.sub (local.get $fourth) (i32.const 0x57)))
            (else (i32.const 31))))))
    ;; Of 0x00 to 0x0f those at 8, 9, a, c and d have letters: 0xc8ff. Of 0x10 to 0x1f none has.
    (i32.and
      (i32.shr_u
        (select (i32.const 0xffff) (i32.const 0xc8ff) (local.get $third))
        (local.get $fourth))
      (i32.const 1)))
)
