// The servos of a hand on their lines: all are asked at once, and all are told in one packet a
// line.
#pragma once

#include <memory>
#include <vector>

#include "handloop/bus/line.hpp"
#include "handloop/bus/servo_drive.hpp"

namespace handloop::bus {

class HandBus {
 public:
  // Lines must outlive it. Throws std::invalid_argument where drives and lines do not fit.
  HandBus(std::vector<Line*> lines, const std::vector<ServoDrive>& drives)
      : lines_(std::move(lines)) {
    if (lines_.empty() || drives.empty() || drives.size() > kMaxJoints) {
      throw std::invalid_argument("a hand on a bus has a line and 1 to 32 servos");
    }
    for (const ServoDrive& drive : drives) joints_.emplace_back(drive, lines_.size());
    for (std::size_t l = 0; l < lines_.size(); ++l) form_group(l);
  }

  std::size_t size() const { return joints_.size(); }
  ServoJoint& joint(std::size_t i) { return joints_[i]; }
  const ServoJoint& joint(std::size_t i) const { return joints_[i]; }
  const Reading& reading(std::size_t i) const {
    return groups_[joints_[i].line()]->reading(place_[i]);
  }
  // What a servo answers to a question of its own; good until its line is used again.
  Line::Answer ask(std::size_t i, Registers block) {
    Line& line = *lines_[joints_[i].line()];
    block.id = joints_[i].id();
    const Line::Answer answer = line.ask(block.id, line.protocol().read(block), block.size);
    gone_ = gone_ || answer.outcome == Outcome::kGone;
    return answer;
  }
  std::int64_t clock() const { return lines_[0]->wire().now(); }  // [ns]
  bool real_time() const { return lines_[0]->wire().real_time(); }
  // Whether a line was found to be gone.
  bool gone() const { return gone_; }
  // Lines and servos that were given up are asked again.
  void forgive() {
    gone_ = false;
    for (const auto& group : groups_) group->forgive();
  }

  void pass_until(std::int64_t time) {
    for (Line* line : lines_) line->wire().pass_until(time);
  }

  // The block of every cycle. All lines speak before any is listened to, so that their servos
  // answer at the same time.
  void hear() {
    for (std::size_t l = 0; l < lines_.size(); ++l) lines_[l]->begin(*groups_[l]);
    for (std::size_t l = 0; l < lines_.size(); ++l) lines_[l]->finish(*groups_[l]);
    for (std::size_t i = 0; i < size(); ++i) {
      gone_ = gone_ || reading(i).outcome == Outcome::kGone;
    }
  }

  // `say(i)`: what servo i is told; a block without bytes: nothing.
  template <typename Say>
  void tell(Say&& say) {
    for (std::size_t l = 0; l < lines_.size(); ++l) {
      std::array<Registers, kMaxJoints> blocks;
      std::size_t told = 0;
      for (std::size_t i = 0; i < size(); ++i) {
        if (joints_[i].line() != l) continue;
        const Registers block = say(i);
        if (block.size > 0) blocks[told++] = block;
      }
      if (told > 0) tell_line(*lines_[l], {blocks.data(), told});
    }
  }

 private:
  void form_group(std::size_t l) {
    std::vector<Registers> reads, writes;
    place_.resize(size());
    for (std::size_t i = 0; i < size(); ++i) {
      if (joints_[i].line() != l) continue;
      place_[i] = reads.size();
      reads.push_back(joints_[i].drive().read);
      writes.push_back(joints_[i].rest());
    }
    if (reads.empty()) throw std::invalid_argument("a line has no servo of the hand");
    if (lines_[l]->protocol().group_write(writes).empty()) {
      throw std::invalid_argument("line " + std::to_string(l) +
                                  ": its goals do not fit in one packet of its family");
    }
    groups_.push_back(std::make_unique<Group>(reads));
  }

  // Where the family has no packet for all of them, one after the other.
  void tell_line(Line& line, std::span<const Registers> blocks) {
    const Bytes request = line.protocol().group_write(blocks);
    if (!request.empty()) {
      gone_ = !line.tell(request) || gone_;
      return;
    }
    for (const Registers& block : blocks) {
      const auto answer = line.ask(block.id, line.protocol().write(block), 0);
      gone_ = gone_ || answer.outcome == Outcome::kGone;
    }
  }

  std::vector<Line*> lines_;
  std::vector<ServoJoint> joints_;
  std::vector<std::size_t> place_;  // of each joint, in the group of its line
  std::vector<std::unique_ptr<Group>> groups_;
  bool gone_ = false;
};

}  // namespace handloop::bus
