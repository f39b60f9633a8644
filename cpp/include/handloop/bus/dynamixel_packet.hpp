// Packets of Dynamixel Protocol 2.0 (ROBOTIS e-Manual, "Protocol 2.0"):
//
//   FF FF FD 00 | id | length (2) | instruction | parameters | CRC (2)
//
// The length counts what follows it. Between the length and the CRC, FF FF FD is never left alone:
// an FD is stuffed in behind it, so that a header is a header wherever a listener comes in.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "handloop/bus/crc16.hpp"
#include "handloop/bus/packet_parser.hpp"

namespace handloop::bus::dynamixel {

inline constexpr std::uint8_t kBroadcast = 0xFE;
inline constexpr std::uint8_t kMaxId = 252;
inline constexpr std::size_t kHeaderSize = 7;    // up to the instruction
inline constexpr std::size_t kMaxPacket = 4096;  // bytes on the wire, more than any hand's

enum class Instruction : std::uint8_t {
  kPing = 0x01,
  kRead = 0x02,
  kWrite = 0x03,
  kRegWrite = 0x04,
  kAction = 0x05,
  kFactoryReset = 0x06,
  kReboot = 0x08,
  kClear = 0x10,
  kBackup = 0x20,
  kStatus = 0x55,
  kSyncRead = 0x82,
  kSyncWrite = 0x83,
  kFastSyncRead = 0x8A,
  kBulkRead = 0x92,
  kBulkWrite = 0x93,
  kFastBulkRead = 0x9A,
};

// The number in a status packet's error byte; bit 7 of it tells that hardware_error_status is set.
enum class Error : std::uint8_t {
  kNone = 0,
  kResultFail = 1,
  kInstruction = 2,
  kCrc = 3,
  kDataRange = 4,
  kDataLength = 5,
  kDataLimit = 6,
  kAccess = 7,
};
inline constexpr std::uint8_t kAlert = 0x80;

// Follows what is written or read, and tells when an FD has to be stuffed in or taken out.
class StuffingState {
 public:
  // True: `byte` ends FF FF FD, so an FD follows.
  bool ends_header(std::uint8_t byte) {
    const bool ends = byte == 0xFD && ff_ >= 2;
    ff_ = byte == 0xFF ? ff_ + 1 : 0;
    return ends;
  }

 private:
  int ff_ = 0;
};

// Takes the stuffing out, in place. Returns the new size; nothing where FF FF FD stands alone,
// which no sender writes.
inline std::optional<std::size_t> unstuff(std::span<std::uint8_t> body) {
  StuffingState state;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[kept++] = body[i];
    if (!state.ends_header(body[i])) continue;
    if (i + 1 == body.size() || body[i + 1] != 0xFD) return std::nullopt;
    ++i;
  }
  return kept;
}

// One packet being written. What does not fit is not sent: `end` then returns nothing.
class PacketWriter {
 public:
  PacketWriter& begin(std::uint8_t id, Instruction instruction) {
    buffer_ = {0xFF, 0xFF, 0xFD, 0x00, id};
    size_ = kHeaderSize;
    stuffing_ = {};
    return put(static_cast<std::uint8_t>(instruction));
  }
  PacketWriter& put(std::uint8_t byte) {
    append(byte);
    if (stuffing_.ends_header(byte)) append(0xFD);
    return *this;
  }
  PacketWriter& put_word(std::size_t value) {
    return put(static_cast<std::uint8_t>(value)).put(static_cast<std::uint8_t>(value >> 8));
  }
  PacketWriter& put(Bytes bytes) {
    for (const std::uint8_t byte : bytes) put(byte);
    return *this;
  }
  // Good until the next packet begins.
  Bytes end() {
    if (size_ + 2 > kMaxPacket) return {};
    const std::size_t length = size_ + 2 - kHeaderSize;
    buffer_[5] = static_cast<std::uint8_t>(length);
    buffer_[6] = static_cast<std::uint8_t>(length >> 8);
    const std::uint16_t crc = crc16({buffer_.data(), size_});
    append(static_cast<std::uint8_t>(crc));
    append(static_cast<std::uint8_t>(crc >> 8));
    return {buffer_.data(), size_};
  }

 private:
  void append(std::uint8_t byte) {
    if (size_ < kMaxPacket) buffer_[size_] = byte;
    ++size_;
  }

  std::array<std::uint8_t, kMaxPacket> buffer_{};
  std::size_t size_ = 0;
  StuffingState stuffing_;
};

struct Packet {
  std::uint8_t id = 0;
  Instruction instruction{};
  Bytes parameters;  // of a status: the error, then the data; good until the parser goes on

  bool is_status() const { return instruction == Instruction::kStatus && !parameters.empty(); }
  Error error() const { return static_cast<Error>(parameters[0] & ~kAlert); }
  bool alert() const { return (parameters[0] & kAlert) != 0; }
  Bytes data() const { return parameters.subspan(1); }
};

struct Format {
  using Packet = dynamixel::Packet;
  static constexpr std::size_t kHeaderSize = dynamixel::kHeaderSize;
  static constexpr std::size_t kMaxPacket = dynamixel::kMaxPacket;

  static std::size_t find(Bytes bytes) {
    constexpr std::array<std::uint8_t, 4> kHeader{0xFF, 0xFF, 0xFD, 0x00};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t known = std::min(kHeader.size(), bytes.size() - i);
      if (std::equal(kHeader.begin(), kHeader.begin() + known, bytes.begin() + i)) return i;
    }
    return bytes.size();
  }

  static std::size_t size(Bytes header) {
    const std::size_t length = word_at(header, 5);  // at least instruction and CRC
    return length < 3 || header[4] > kBroadcast ? 0 : kHeaderSize + length;
  }

  static std::optional<Packet> open(std::span<std::uint8_t> packet) {
    const std::size_t end = packet.size() - 2;
    if (crc16(packet.first(end)) != word_at(packet, end)) return std::nullopt;
    const auto body = packet.subspan(kHeaderSize, end - kHeaderSize);
    const auto size = unstuff(body);
    if (!size) return std::nullopt;
    return Packet{packet[4], static_cast<Instruction>(body[0]), body.subspan(1, *size - 1)};
  }
};

using Parser = PacketParser<Format>;

}  // namespace handloop::bus::dynamixel
