// A number in the bytes of a servo, as its family writes it.
#pragma once

#include "handloop/bus/byte_queue.hpp"

namespace handloop::bus {

enum class Encoding : std::uint8_t { kUnsigned, kTwosComplement, kSignMagnitude };

// Where in a block a number stands. `size` 0: it is not there.
struct RawField {
  std::uint8_t offset = 0, size = 0;  // [bytes]
  Encoding encoding = Encoding::kTwosComplement;
  std::uint8_t sign_bit = 15;  // of a sign and magnitude
  bool big_endian = false;     // Feetech's SCS
};

constexpr std::int64_t decode(const RawField& f, Bytes block) {
  std::uint64_t raw = 0;
  for (std::size_t i = 0; i < f.size; ++i) {
    const std::size_t at = f.big_endian ? i : f.size - 1U - i;
    raw = raw << 8 | block[f.offset + at];
  }
  if (f.encoding == Encoding::kSignMagnitude) {
    const std::uint64_t sign = std::uint64_t{1} << f.sign_bit;
    const auto magnitude = static_cast<std::int64_t>(raw & (sign - 1));
    return (raw & sign) != 0 ? -magnitude : magnitude;
  }
  const unsigned unused = 64U - 8U * f.size;
  if (f.encoding == Encoding::kUnsigned || f.size == 0) return static_cast<std::int64_t>(raw);
  return static_cast<std::int64_t>(raw << unused) >> unused;
}

constexpr void encode(const RawField& f, std::int64_t value, std::span<std::uint8_t> block) {
  auto raw = static_cast<std::uint64_t>(value);
  if (f.encoding == Encoding::kSignMagnitude && value < 0) {
    raw = static_cast<std::uint64_t>(-value) | std::uint64_t{1} << f.sign_bit;
  }
  for (std::size_t i = 0; i < f.size; ++i, raw >>= 8) {
    block[f.offset + (f.big_endian ? f.size - 1U - i : i)] = static_cast<std::uint8_t>(raw);
  }
}

}  // namespace handloop::bus
