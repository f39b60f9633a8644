// Where an actuator's physics goes into a MuJoCo model: a plain motor, told the torque, and the
// joint's armature, damping and dry friction, which are lent while it runs.
#pragma once

#include <mujoco/mujoco.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace handloop::actuator {

class JointPort {
 public:
  // Throws std::invalid_argument where the actuator is no plain motor on a joint of one axis, or
  // the joint's armature is less than the `inertia` [kg m2] that the actuator brings.
  JointPort(const mjModel& m, int actuator, double inertia)
      : inertia_(inertia), control_(m.actuator_ctrladr[actuator]) {
    check_motor(m, actuator);
    joint_ = m.actuator_trnid[2 * actuator];
    dof_ = m.jnt_dofadr[joint_];
    own_ = Loan::of(m, dof_, control_);
    if (own_.armature < inertia * (1.0 - 1e-9)) {
      throw std::invalid_argument(name(m, actuator) + " turns " + std::to_string(inertia) +
                                  " kg m2 of its own, but its joint has an armature of " +
                                  std::to_string(own_.armature) +
                                  " kg m2 only; give the joint at least that");
    }
  }

  int joint() const { return joint_; }
  int dof() const { return dof_; }

  // Friction as hard as MuJoCo allows: what slides slowly stands after one step. Controls are
  // limited by `told()`, because a brake's torque may pass the limit of what it is told.
  void take(mjModel& m) const {
    constexpr mjtNum kHardest = 0.9999;
    m.actuator_ctrllimited[control_] = 0;
    mjtNum* impedance = m.dof_solimp + mjNIMP * dof_;
    impedance[0] = impedance[1] = kHardest;
    m.dof_solref[mjNREF * dof_] = -1.0;
    m.dof_solref[mjNREF * dof_ + 1] = -kHardest / m.opt.timestep;
  }
  void give_back(mjModel& m) const { own_.put(m, dof_, control_); }

  // A command as the model limits it.
  double told(const mjModel& m, double command) const {
    if (!own_.limited) return command;
    return std::clamp(command, m.actuator_ctrlrange[2 * control_],
                      m.actuator_ctrlrange[2 * control_ + 1]);
  }

  // For the next step: a torque [N m] at the present speed and what it loses with speed, and dry
  // friction. `apart` [kg m2]: of the joint's inertia, what does not turn with it.
  void drive(mjModel& m, mjData& d, double torque, double slope, double friction,
             double apart) const {
    d.ctrl[control_] = torque + slope * d.qvel[dof_];
    m.dof_damping[dof_] = own_.damping + slope;
    m.dof_frictionloss[dof_] = own_.friction + friction;
    m.dof_armature[dof_] = own_.armature - apart;
    m.dof_M0[dof_] = own_.simple - apart;
  }

  // Inertia of the joint, all others locked [kg m2].
  double inertia(const mjModel& m, const mjData& d) const {
    return d.M[m.M_rowadr[dof_] + m.M_rownnz[dof_] - 1];
  }

 private:
  // What the joint has without the actuator.
  struct Loan {
    mjtNum armature, damping, friction;
    mjtNum simple;  // [kg m2], the inertia that MuJoCo takes for a body that it calls simple
    mjtNum solref[mjNREF], solimp[mjNIMP];
    mjtByte limited;

    static Loan of(const mjModel& m, int dof, int control) {
      Loan loan{m.dof_armature[dof],
                m.dof_damping[dof],
                m.dof_frictionloss[dof],
                m.dof_M0[dof],
                {},
                {},
                m.actuator_ctrllimited[control]};
      std::copy_n(m.dof_solref + mjNREF * dof, mjNREF, loan.solref);
      std::copy_n(m.dof_solimp + mjNIMP * dof, mjNIMP, loan.solimp);
      return loan;
    }
    void put(mjModel& m, int dof, int control) const {
      m.dof_armature[dof] = armature;
      m.dof_damping[dof] = damping;
      m.dof_frictionloss[dof] = friction;
      m.dof_M0[dof] = simple;
      std::copy_n(solref, mjNREF, m.dof_solref + mjNREF * dof);
      std::copy_n(solimp, mjNIMP, m.dof_solimp + mjNIMP * dof);
      m.actuator_ctrllimited[control] = limited;
    }
  };

  static std::string name(const mjModel& m, int actuator) {
    const char* known = mj_id2name(&m, mjOBJ_ACTUATOR, actuator);
    return "actuator '" + (known ? std::string(known) : std::to_string(actuator)) + "'";
  }

  static void check_motor(const mjModel& m, int actuator) {
    const bool plain = m.actuator_gaintype[actuator] == mjGAIN_FIXED &&
                       m.actuator_gainprm[mjNGAIN * actuator] == 1.0 &&
                       m.actuator_biastype[actuator] == mjBIAS_NONE &&
                       m.actuator_dyntype[actuator] == mjDYN_NONE;
    const bool on_joint = m.actuator_trntype[actuator] == mjTRN_JOINT &&
                          m.actuator_gear[6 * m.actuator_outadr[actuator]] == 1.0;
    if (plain && on_joint) {
      const int kind = m.jnt_type[m.actuator_trnid[2 * actuator]];
      if (kind == mjJNT_HINGE || kind == mjJNT_SLIDE) return;
    }
    throw std::invalid_argument(
        name(m, actuator) +
        " shall have the physics of a real one, which takes a <motor> with gear 1 on a hinge or a "
        "slide in the model");
  }

  double inertia_;
  int control_, joint_ = 0, dof_ = 0;
  Loan own_{};
};

}  // namespace handloop::actuator
