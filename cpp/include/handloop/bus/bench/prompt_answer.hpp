// What Dynamixels say to a group read, made beforehand.
#pragma once

#include <vector>

#include "handloop/bus/dynamixel_fast_reply.hpp"
#include "handloop/bus/dynamixel_request.hpp"

namespace handloop::bus::bench {

// Ids from 1 on, each with the same data, in one packet each.
inline std::vector<std::uint8_t> sync_answer(std::size_t servos, Bytes data) {
  std::vector<std::uint8_t> answer;
  dynamixel::PacketWriter writer;
  for (std::size_t i = 0; i < servos; ++i) {
    const Bytes status = dynamixel::status(writer, static_cast<std::uint8_t>(i + 1), 0, data);
    answer.insert(answer.end(), status.begin(), status.end());
  }
  return answer;
}

// The same in one packet of all, into which nothing is stuffed.
inline std::vector<std::uint8_t> fast_answer(std::size_t servos, Bytes data) {
  std::vector<std::uint8_t> answer{0xFF, 0xFF, 0xFD, 0x00, dynamixel::kBroadcast};
  const auto put_word = [&](std::size_t word) {
    answer.push_back(static_cast<std::uint8_t>(word));
    answer.push_back(static_cast<std::uint8_t>(word >> 8));
  };
  put_word(dynamixel::fast_reply_length(servos, data.size()));
  answer.push_back(static_cast<std::uint8_t>(dynamixel::Instruction::kStatus));
  for (std::size_t i = 0; i < servos; ++i) {
    answer.push_back(0);  // no error
    answer.push_back(static_cast<std::uint8_t>(i + 1));
    answer.insert(answer.end(), data.begin(), data.end());
    put_word(crc16(answer));
  }
  return answer;
}

}  // namespace handloop::bus::bench
