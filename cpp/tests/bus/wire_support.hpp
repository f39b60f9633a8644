// Bytes as manuals print them.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "handloop/bus/byte_queue.hpp"
#include "handloop/random.hpp"

namespace handloop::testing {

using Octets = std::vector<std::uint8_t>;

inline Octets hex(std::string_view text) {
  Octets bytes;
  int digits = 0, value = 0;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
    value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (++digits % 2 == 0) bytes.push_back(static_cast<std::uint8_t>(std::exchange(value, 0)));
  }
  return bytes;
}

inline std::string text(bus::Bytes bytes) {
  std::string digits;
  for (const std::uint8_t byte : bytes) {
    for (const int half : {byte >> 4, byte & 15}) digits += "0123456789ABCDEF"[half];
  }
  return digits;
}

inline Octets octets(bus::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// Uniform among 0 .. count - 1.
inline std::size_t below(Random& random, std::size_t count) {
  return std::min(count - 1,
                  static_cast<std::size_t>(random.uniform() * static_cast<double>(count)));
}

// Bytes that make headers and stuffing likely.
inline Octets random_octets(Random& random, std::size_t size) {
  constexpr std::uint8_t kLikely[] = {0xFF, 0xFF, 0xFD, 0x00, 0xFE, 0x55};
  Octets bytes(size);
  for (std::uint8_t& byte : bytes) {
    const std::size_t pick = below(random, 2 * std::size(kLikely));
    byte =
        pick < std::size(kLikely) ? kLikely[pick] : static_cast<std::uint8_t>(below(random, 256));
  }
  return bytes;
}

}  // namespace handloop::testing
