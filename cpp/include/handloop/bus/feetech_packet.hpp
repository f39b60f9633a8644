// Packets of Feetech's STS, SMS, HLS and SCS servos, which is Dynamixel Protocol 1.0 with some more
// instructions (Feetech, "STS/SMS communication protocol manual"; FTServo SDK):
//
//   FF FF | id | length | instruction or error | parameters | checksum
//
// The length counts what follows it. Eight bits of checksum pass one damaged packet in 256.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "handloop/bus/packet_parser.hpp"
#include "handloop/bus/registers.hpp"

namespace handloop::bus::feetech {

inline constexpr std::uint8_t kBroadcast = 0xFE;
inline constexpr std::uint8_t kMaxId = 253;
inline constexpr std::size_t kHeaderSize = 4;
inline constexpr std::size_t kMaxPacket = 4 + 255;

enum class Instruction : std::uint8_t {
  kPing = 0x01,
  kRead = 0x02,
  kWrite = 0x03,
  kRegWrite = 0x04,
  kAction = 0x05,
  kFactoryReset = 0x06,
  kReboot = 0x08,
  kClearTurns = 0x0A,
  kCalibrate = 0x0B,
  kSyncRead = 0x82,
  kSyncWrite = 0x83,
};

// Bits of the error byte. They are alarms: the servo has done what it was told all the same.
enum Alarm : std::uint8_t {
  kVoltage = 0x01,
  kEncoder = 0x02,
  kOverheat = 0x04,
  kOvercurrent = 0x08,
  kOverload = 0x20,
};

inline std::uint8_t checksum(Bytes from_id) {
  unsigned sum = 0;
  for (const std::uint8_t byte : from_id) sum += byte;
  return static_cast<std::uint8_t>(~sum);
}

// One packet being written. What does not fit is not sent: `end` then returns nothing.
class PacketWriter {
 public:
  // Of a status packet the error stands where a request has its instruction.
  PacketWriter& begin(std::uint8_t id, std::uint8_t instruction_or_error) {
    buffer_ = {0xFF, 0xFF, id};
    size_ = kHeaderSize;
    return put(instruction_or_error);
  }
  PacketWriter& begin(std::uint8_t id, Instruction instruction) {
    return begin(id, static_cast<std::uint8_t>(instruction));
  }
  PacketWriter& put(std::uint8_t byte) {
    if (size_ < buffer_.size()) buffer_[size_] = byte;
    ++size_;
    return *this;
  }
  PacketWriter& put_low(std::uint16_t value) { return put(static_cast<std::uint8_t>(value)); }
  PacketWriter& put(Bytes bytes) {
    for (const std::uint8_t byte : bytes) put(byte);
    return *this;
  }
  // Good until the next packet begins.
  Bytes end() {
    if (size_ >= kMaxPacket) return {};
    buffer_[3] = static_cast<std::uint8_t>(size_ + 1 - kHeaderSize);
    put(checksum({buffer_.data() + 2, size_ - 2}));
    return {buffer_.data(), size_};
  }

 private:
  std::array<std::uint8_t, kMaxPacket> buffer_{};
  std::size_t size_ = 0;
};

struct Packet {
  std::uint8_t id = 0;
  std::uint8_t code = 0;  // the instruction of a request, the alarms of a status
  Bytes parameters;       // good until the parser goes on
};

struct Format {
  using Packet = feetech::Packet;
  static constexpr std::size_t kHeaderSize = feetech::kHeaderSize;
  static constexpr std::size_t kMaxPacket = feetech::kMaxPacket;

  static std::size_t find(Bytes bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == 0xFF && (i + 1 == bytes.size() || bytes[i + 1] == 0xFF)) return i;
    }
    return bytes.size();
  }

  static std::size_t size(Bytes header) {
    return header[3] < 2 || header[2] > kBroadcast ? 0 : kHeaderSize + header[3];
  }

  static std::optional<Packet> open(std::span<std::uint8_t> packet) {
    const std::size_t end = packet.size() - 1;
    if (checksum(packet.subspan(2, end - 2)) != packet[end]) return std::nullopt;
    return Packet{packet[2], packet[4], packet.subspan(5, end - 5)};
  }
};

using Parser = PacketParser<Format>;

inline Bytes ping(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kPing).end();
}

// Addresses and sizes of this family are one byte; where they are not, a request is empty.
inline bool fits(const Registers& r) { return r.address <= 0xFF && r.size <= 0xFF; }

inline Bytes read(PacketWriter& w, const Registers& r) {
  if (!fits(r)) return {};
  return w.begin(r.id, Instruction::kRead).put_low(r.address).put_low(r.size).end();
}

inline Bytes write(PacketWriter& w, const Registers& r) {
  if (!fits(r)) return {};
  return w.begin(r.id, Instruction::kWrite).put_low(r.address).put(r.data).end();
}

// Written when `action` comes.
inline Bytes reg_write(PacketWriter& w, const Registers& r) {
  if (!fits(r)) return {};
  return w.begin(r.id, Instruction::kRegWrite).put_low(r.address).put(r.data).end();
}

inline Bytes action(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kAction).end();
}

inline Bytes reboot(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kReboot).end();
}

inline Bytes factory_reset(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kFactoryReset).end();
}

// Sets the count of turns to zero (FTServo SDK, INST_RESET).
inline Bytes clear_turns(PacketWriter& w, std::uint8_t id) {
  return w.begin(id, Instruction::kClearTurns).end();
}

// All servos the same block; they answer one after the other. SCS servos do not know it.
inline Bytes sync_read(PacketWriter& w, std::span<const Registers> servos) {
  if (servos.empty() || !fits(servos[0]) || !same_block(servos)) return {};
  w.begin(kBroadcast, Instruction::kSyncRead).put_low(servos[0].address).put_low(servos[0].size);
  for (const Registers& r : servos) w.put(r.id);
  return w.end();
}

// Nobody answers. Empty also where data are missing.
inline Bytes sync_write(PacketWriter& w, std::span<const Registers> servos) {
  if (!complete(servos) || !fits(servos[0]) || !same_block(servos)) return {};
  w.begin(kBroadcast, Instruction::kSyncWrite).put_low(servos[0].address).put_low(servos[0].size);
  for (const Registers& r : servos) w.put(r.id).put(r.data);
  return w.end();
}

inline Bytes status(PacketWriter& w, std::uint8_t id, std::uint8_t alarms, Bytes data = {}) {
  return w.begin(id, alarms).put(data).end();
}

}  // namespace handloop::bus::feetech
