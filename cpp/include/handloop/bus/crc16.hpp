// The checksum of Dynamixel Protocol 2.0: CRC-16/BUYPASS, polynomial 0x8005, from 0, not reflected
// (ROBOTIS e-Manual, "CRC Calculation"). "123456789" gives 0xFEE8.
#pragma once

#include <array>
#include <cstdint>

#include "handloop/bus/byte_queue.hpp"

namespace handloop::bus {

namespace detail {

// table[k][b]: what byte b does to the sum when k more bytes follow it.
constexpr std::array<std::array<std::uint16_t, 256>, 4> crc16_tables() {
  std::array<std::array<std::uint16_t, 256>, 4> table{};
  for (unsigned b = 0; b < 256; ++b) {
    unsigned crc = b << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x8005 : crc << 1;
    table[0][b] = static_cast<std::uint16_t>(crc);
  }
  for (std::size_t k = 1; k < table.size(); ++k) {
    for (std::size_t b = 0; b < 256; ++b) {
      const unsigned crc = table[k - 1][b];
      table[k][b] = static_cast<std::uint16_t>(crc << 8 ^ table[0][crc >> 8]);
    }
  }
  return table;
}

inline constexpr auto kCrc16 = crc16_tables();

}  // namespace detail

// Goes on from `crc`. Four bytes at a time, because each lookup waits for the one before.
constexpr std::uint16_t crc16(Bytes bytes, std::uint16_t crc = 0) {
  const auto& t = detail::kCrc16;
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    const std::size_t high = static_cast<std::size_t>(crc >> 8 ^ bytes[i]);
    const std::size_t low = static_cast<std::size_t>((crc & 0xFF) ^ bytes[i + 1]);
    crc = static_cast<std::uint16_t>(t[3][high] ^ t[2][low] ^ t[1][bytes[i + 2]] ^
                                     t[0][bytes[i + 3]]);
  }
  for (; i < bytes.size(); ++i) {
    crc =
        static_cast<std::uint16_t>(crc << 8 ^ t[0][static_cast<std::size_t>(crc >> 8 ^ bytes[i])]);
  }
  return crc;
}

}  // namespace handloop::bus
