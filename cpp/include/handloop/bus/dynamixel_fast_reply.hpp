// The one packet in which all servos answer a fast sync or bulk read (e-Manual, "Fast Sync Read"):
//
//   FF FF FD 00 FE | length (2) | 55 | error id data CRC | error id data CRC | ...
//
// Each servo adds its part to what it heard of the parts before, and its CRC runs over all of that,
// earlier CRCs included. Nothing is stuffed. A servo that is silent silences those behind it.
#pragma once

#include <optional>

#include "handloop/bus/dynamixel_packet.hpp"

namespace handloop::bus::dynamixel {

inline constexpr std::size_t kFastHeaderSize = kHeaderSize + 1;
constexpr std::size_t fast_part_size(std::size_t data_size) { return data_size + 4; }

// One servo's part, as far as it is there and whole.
struct FastPart {
  std::uint8_t id = 0;
  Error error{};
  bool alert = false;
  Bytes data;
};

// Reads such a reply part by part while it comes in. The state of a CRC behind the bytes of a CRC
// hangs on those two bytes alone. So a damaged part costs itself, and the part behind it only where
// the damage was in the CRC itself.
class FastReply {
 public:
  // Finds the header of a reply of `length` in `bytes`; false: it is not there (yet).
  bool begin(Bytes bytes, std::size_t length) {
    static constexpr std::array<std::uint8_t, 5> kStart{0xFF, 0xFF, 0xFD, 0x00, kBroadcast};
    for (auto at = bytes.begin();; ++at) {
      at = std::search(at, bytes.end(), kStart.begin(), kStart.end());
      const Bytes header = bytes.subspan(static_cast<std::size_t>(at - bytes.begin()));
      if (header.size() < kFastHeaderSize) return false;
      if (header[7] != static_cast<std::uint8_t>(Instruction::kStatus)) continue;
      if (word_at(header, 5) == length) return enter(bytes, header.data());
      overtaken_ = true;
    }
  }
  // Whether one of another length stood in front of it: of an earlier request.
  bool overtaken() const { return overtaken_; }

  // Where the next part begins.
  std::size_t position() const { return at_; }
  bool arrived(Bytes bytes, std::size_t data_size) const {
    return bytes.size() >= at_ + fast_part_size(data_size);
  }

  // The next part, which must have arrived. Nothing: it is damaged; the one after may be whole.
  std::optional<FastPart> next(Bytes bytes, std::size_t data_size) {
    const Bytes part = bytes.subspan(at_, fast_part_size(data_size));
    const Bytes sum = part.last(2);
    const bool whole = crc16(part.first(part.size() - 2), crc_) == word_at(sum, 0);
    at_ += part.size();
    crc_ = crc16(sum, word_at(sum, 0));
    if (!whole) return std::nullopt;
    return FastPart{part[1], static_cast<Error>(part[0] & ~kAlert), (part[0] & kAlert) != 0,
                    part.subspan(2, data_size)};
  }

 private:
  bool enter(Bytes bytes, const std::uint8_t* header) {
    at_ = static_cast<std::size_t>(header - bytes.data()) + kFastHeaderSize;
    crc_ = crc16(Bytes(header, kFastHeaderSize));
    return true;
  }

  bool overtaken_ = false;
  std::size_t at_ = 0;
  std::uint16_t crc_ = 0;
};

constexpr std::size_t fast_reply_length(std::size_t servos, std::size_t data_size) {
  return 1 + servos * fast_part_size(data_size);
}

}  // namespace handloop::bus::dynamixel
